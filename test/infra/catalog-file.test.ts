import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/catalog/plan.ts';
import { catalogJsonSchema } from '../../src/infra/catalog-file/catalog-schema.ts';
import { catalogOf, DEFAULTS, PLANS, withDefault, withPlan, withPrice } from '../support/catalog-texts.ts';

const example = readFileSync(new URL('../../catalog.yaml', import.meta.url), 'utf8');
const schemaFile = new URL('../../docs/catalog.schema.json', import.meta.url);

function planOf(source: string, id = 'a'): Plan {
  const plan = catalogOf(source).plans.get(id);
  if (plan === undefined) throw new Error(`There is no plan ${id}`);
  return plan;
}

describe('a catalog that is right', () => {
  test('the example has a plan of every kind', () => {
    const { plans, defaults, version } = catalogOf(example);
    expect([...plans.keys()]).toEqual([
      'pro-monthly',
      'studio',
      'starter',
      'gym-weekly',
      'team-yearly',
      'manila-monthly',
    ]);
    expect(version).toBe(0);
    expect(defaults).toMatchObject({ timeZone: 'Asia/Jakarta', missedAfterHours: 24, mandateYears: 10 });
    expect(plans.get('pro-monthly')).toMatchObject({
      price: { minor: 150000n, currency: 'IDR' },
      interval: { count: 1, unit: 'month' },
      trial: null,
      endsAfter: null,
      dunning: { name: 'standard', retryAfterDays: [1, 3, 5, 7], windowDays: 28, then: 'cancel' },
      missedCycles: 'latest',
      priceChange: 'new_only',
      paymentChannels: ['CARDS', 'DANA', 'GOPAY_RECURRING', 'OVO', 'SHOPEEPAY'],
      returnUrls: { success: 'https://example.com/thanks', cancel: 'https://example.com/pay' },
    });
    expect(plans.get('manila-monthly')).toMatchObject({
      price: { minor: 49950n, currency: 'PHP' },
      country: 'PH',
      timeZone: 'Asia/Manila',
    });
  });

  test('what is left out is filled in, and nobody is charged another price because a line is missing', () => {
    expect(planOf(DEFAULTS + PLANS)).toMatchObject({
      dunning: { name: 'standard', retryAfterDays: [1, 3, 5, 7], windowDays: 28, then: 'cancel' },
      missedCycles: 'latest',
      priceChange: 'new_only',
      chargeAt: '09:00',
      returnUrls: null,
    });
  });

  test('a plan overrides where and when it charges', () => {
    const own =
      'payment_channels: [CARDS], country: PH, time_zone: asia/manila, charge_at: 18:30, return_urls: { success: https://a.b, cancel: https://a.b/c }';
    expect(planOf(withPlan(own).replace('IDR', 'PHP'))).toMatchObject({
      country: 'PH',
      timeZone: 'Asia/Manila',
      chargeAt: '18:30',
      paymentChannels: ['CARDS'],
      returnUrls: { success: 'https://a.b', cancel: 'https://a.b/c' },
    });
  });

  test('the policy of a plan is its own, else that of the defaults, else the built-in one, which a file may redefine', () => {
    const policies = 'dunning:\n  own: { retry_after: [], window: 1 day, then: keep }\n';
    expect(planOf(withPlan('dunning: own') + policies).dunning.name).toBe('own');
    expect(planOf(withDefault('dunning: own') + policies).dunning).toMatchObject({ retryAfterDays: [], windowDays: 1 });
    const standard = 'dunning:\n  standard: { retry_after: [2 weeks], window: 2 weeks, then: pause }\n';
    expect(planOf(DEFAULTS + PLANS + standard).dunning).toMatchObject({ retryAfterDays: [14], windowDays: 14 });
  });

  test.each([
    ['150000', 'IDR', 'ID', 150000n],
    ['"150000"', 'IDR', 'ID', 150000n],
    ['10.10', 'PHP', 'PH', 1010n],
    ['"10.10"', 'USD', 'PH', 1010n],
    ['499.5', 'PHP', 'PH', 49950n],
    ['123456789012345', 'VND', 'VN', 123456789012345n],
  ])('an amount of %s %s keeps its digits', (amount, currency, country, minor) => {
    expect(planOf(withPrice(amount, currency, country)).price).toEqual({ minor, currency });
  });

  test('09:00 is a time without quotes too', () => {
    expect(planOf(withDefault('charge_at: 09:05')).chargeAt).toBe('09:05');
  });

  test.each([
    ['access: { grace: 5 days }', 5],
    ['access: { grace: none }', 0],
    ['access: {}', 3],
    ['trial: 14 days', 3],
  ])('%s: past due lets in for %i days', (field, days) => {
    expect(planOf(withPlan(field)).graceDays).toBe(days);
  });

  test('quiet days and payday slots are data of each country, and there are none where nothing is said', () => {
    const given = 'quiet_days: { ID: [2027-03-20, "2027-03-21"] }\npayday_slots: { ID: [1, 25], PH: [15, 30] }';
    expect(catalogOf(withDefault(given)).defaults).toMatchObject({
      quietDays: { ID: ['2027-03-20', '2027-03-21'] },
      paydaySlots: { ID: [1, 25], PH: [15, 30] },
    });
    expect(catalogOf(DEFAULTS + PLANS).defaults).toMatchObject({ quietDays: {}, paydaySlots: {} });
  });

  test('declines and network limits are data: a network that is named has only the limits of the file', () => {
    const { defaults } = catalogOf(
      withDefault(
        'missed_after: 12 hours\nmandate_years: 3\ndeclines: { 05: token_dead }\nnetwork_limits: [{ network: MASTERCARD, reattempts: 2, window: 7 days }]',
      ),
    );
    expect(defaults).toMatchObject({ missedAfterHours: 12, mandateYears: 3, declines: { '05': 'token_dead' } });
    expect(defaults.networkLimits).toEqual([
      { network: 'MASTERCARD', reattempts: 2, windowHours: 168 },
      { network: 'VISA', reattempts: 15, windowHours: 720 },
      { network: '*', reattempts: 4, windowHours: 720 },
    ]);
  });

  test('limits are amounts by currency, kept as they were written; left out there are none', () => {
    const given = 'limits: { per_charge: { IDR: 5000000, PHP: 12500.50 }, per_day: { USD: 100.10 } }';
    expect(catalogOf(withDefault(given)).defaults.limits).toEqual({
      perCharge: { IDR: 5_000_000n, PHP: 1_250_050n },
      perCustomerPerDay: {},
      perDay: { USD: 10_010n },
    });
    expect(catalogOf(DEFAULTS + PLANS).defaults.limits).toEqual({ perCharge: {}, perCustomerPerDay: {}, perDay: {} });
  });

  test('what is said of cards is the plan’s, field by field, then that of the defaults, then what Xendit’s guide shows', () => {
    const plain = {
      transactionSequence: true,
      returnUrls: true,
      channelCode: false,
      skipThreeDs: null,
      statementDescriptor: null,
      midLabel: null,
    };
    expect(planOf(DEFAULTS + PLANS).cards).toEqual(plain);
    const all = 'cards: { return_urls: false, statement_descriptor: ACME BILLING, skip_three_ds: false }';
    const source = withDefault(all).replace(
      'interval: 1 month',
      'interval: 1 month, cards: { return_urls: true, mid_label: m }',
    );
    expect(catalogOf(source).defaults.cards).toEqual({
      ...plain,
      returnUrls: false,
      statementDescriptor: 'ACME BILLING',
      skipThreeDs: false,
    });
    expect(planOf(source).cards).toEqual({
      ...plain,
      statementDescriptor: 'ACME BILLING',
      skipThreeDs: false,
      midLabel: 'm',
    });
  });

  test('plans may share blocks, and may be called what objects call their own', () => {
    const shared = `${DEFAULTS}plans:\n  a: { name: A, price: &price { amount: 2.50, currency: USD }, interval: 1 month }\n  constructor: { name: B, price: *price, interval: 1 week }\n`;
    expect(planOf(shared, 'constructor').price).toEqual({ minor: 250n, currency: 'USD' });
  });

  test('what is stored reads the same later', () => {
    const catalog = catalogOf(example);
    expect(catalog.digest).toBe(createHash('sha256').update(example).digest('hex'));
    expect(catalogOf(catalog.source)).toEqual(catalog);
  });

  test('a week is seven days by the clock too', () => {
    expect(catalogOf(withDefault('missed_after: 1 week')).defaults.missedAfterHours).toBe(168);
  });
});

test('the JSON Schema beside the file is the grammar that is read (UPDATE_SCHEMA=1 writes it)', () => {
  const schema = `${JSON.stringify(catalogJsonSchema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMA === '1') writeFileSync(schemaFile, schema);
  expect(readFileSync(schemaFile, 'utf8')).toBe(schema);
});
