import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/catalog/plan.ts';
import { type CatalogReading, faultLine, readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { catalogJsonSchema } from '../../src/infra/catalog-file/catalog-schema.ts';

const example = readFileSync(new URL('../../catalog.yaml', import.meta.url), 'utf8');
const schemaFile = new URL('../../docs/catalog.schema.json', import.meta.url);

const DEFAULTS = 'defaults: { country: ID, time_zone: Asia/Jakarta }\n';
const PLAN = 'name: A, price: { amount: 150000, currency: IDR }, interval: 1 month';
const PLANS = `plans:\n  a: { ${PLAN} }\n`;

/** A catalog of one plan that is right but for the given field. */
const withPlan = (field: string) => `${DEFAULTS}plans:\n  a: { ${PLAN},\n    ${field} }\n`;
const withDefault = (field: string) =>
  `defaults:\n  country: ID\n  time_zone: Asia/Jakarta\n  ${field.replaceAll('\n', '\n  ')}\n${PLANS}`;
const withPrice = (amount: string, currency = 'IDR', country = 'ID') =>
  `${DEFAULTS.replace('ID,', `${country},`)}plans:\n  a:\n    name: A\n    interval: 1 month\n    price:\n      amount: ${amount}\n      currency: ${currency}\n`;
const withPolicy = (retryAfter: string, window: string, then = 'cancel') =>
  `${DEFAULTS}${PLANS}dunning:\n  own:\n    retry_after: ${retryAfter}\n    window: ${window}\n    then: ${then}\n`;

function linesOf(source: string): readonly string[] {
  const read = readCatalog(source, 'catalog.yaml');
  return read.ok ? [] : read.faults.map((fault) => faultLine('c', fault));
}

function catalogOf(source: string): Extract<CatalogReading, { ok: true }>['catalog'] {
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error(read.faults.map((fault) => faultLine('catalog.yaml', fault)).join('\n'));
  return read.catalog;
}

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

describe('a fault of one field is answered where it stands', () => {
  test.each([
    ['trial: 12 hours', 'trial: must count days, weeks, months or years, not hours: what falls due is a calendar day'],
    ['trial: 0 days', 'trial: must be at least 1 day'],
    ['ends_after: 0 cycles', 'ends_after: must be at least 1 cycle'],
    ['ends_after: 12 months', 'ends_after: must be a number of cycles, such as "12 cycles"'],
    ['ends_after: 10001 cycles', 'ends_after: must be at most 10000 cycles'],
    ['missed_cycles: lates', 'missed_cycles: must be one of all, latest, none, ask (did you mean "latest"?)'],
    ['price_change: never', 'price_change: must be one of next_cycle, new_only'],
    ['country: US', 'country: must be one of ID, PH, VN, TH, SG, MY'],
    [
      'time_zone: Asia/Jakata',
      'time_zone: must be an IANA time zone, such as Asia/Jakarta (did you mean "Asia/Jakarta"?)',
    ],
    ['time_zone: +07:00', 'time_zone: must be an IANA time zone, such as Asia/Jakarta'],
    ['charge_at: 24:00', 'charge_at: must be a time of day as HH:MM, from 00:00 to 23:59'],
    ['charge_at: 9:00', 'charge_at: must be a time of day as HH:MM, from 00:00 to 23:59'],
    ['charge_at: 9', 'charge_at: must be text: if it looks like a number or a truth value, put it in quotes'],
    ['dunning: standart', 'dunning: names "standart", which is no policy under dunning (did you mean "standard"?)'],
    ['dunning: elaborate', 'dunning: names "elaborate", which is no policy under dunning: there is standard'],
    ['dunning: constructor', 'dunning: names "constructor", which is no policy under dunning: there is standard'],
    ['return_urls: https://a.b', 'return_urls: must be a block of "key: value" lines'],
  ])('%s', (field, words) => {
    const column = 5 + field.indexOf(': ') + 2;
    expect(linesOf(withPlan(field))).toEqual([`c:4:${column} plans.a.${words}`]);
  });

  test.each([
    ['curency: IDR', 'c:4:5 plans.a.curency: is not known here'],
    ['mised_cycles: all', 'c:4:5 plans.a.mised_cycles: is not known here (did you mean "missed_cycles"?)'],
    ['trial: ', 'c:4:5 plans.a.trial: is empty: give a value, or remove the line'],
    ['trial: ~', 'c:4:12 plans.a.trial: is empty: give a value, or remove the line'],
    ['name: B', 'c:4:5 plans.a.name: is given twice; the first is on line 3'],
    [
      'return_urls: { success: http://a.b, cancel: "https://a.b/\\n" }',
      [
        'c:4:29 plans.a.return_urls.success: must be an https:// address, as Xendit demands',
        'c:4:49 plans.a.return_urls.cancel: must not contain control characters, blanks or backslashes',
      ],
    ],
    [
      'return_urls: { sucess: https://a.b, cancel: https://a.b }',
      [
        'c:4:5 plans.a.return_urls.success: is missing',
        'c:4:20 plans.a.return_urls.sucess: is not known here (did you mean "success"?)',
      ],
    ],
  ])('%s', (field, lines) => {
    expect(linesOf(withPlan(field))).toEqual([lines].flat());
  });

  test.each<readonly [string, string]>([
    ['missed_after: 0 hours', 'c:4:17 defaults.missed_after: must be at least 1 hour'],
    [
      'missed_after: 1 month',
      'c:4:17 defaults.missed_after: must be hours, days or weeks, such as "12 hours" or "1 day"',
    ],
    ['missed_after: 400 days', 'c:4:17 defaults.missed_after: must be at most 366 days'],
    ['mandate_years: 0', 'c:4:18 defaults.mandate_years: must be at least 1'],
    ['mandate_years: 51', 'c:4:18 defaults.mandate_years: must be at most 50'],
    ['mandate_years: 1.5', 'c:4:18 defaults.mandate_years: must be a whole number'],
    [
      'declines: { Stolen: funds }',
      'c:4:15 defaults.declines.Stolen: must be a failure code in capitals, such as INSUFFICIENT_BALANCE',
    ],
    [
      'declines: { STOLEN_CARD: never }',
      'c:4:28 defaults.declines.STOLEN_CARD: must be one of funds, technical, soft, needs_customer, token_dead, never_again, our_fault, throttled',
    ],
    ['dunning: none', 'c:4:12 defaults.dunning: names "none", which is no policy under dunning: there is standard'],
    ['quiet_days: { ID: [2027-02-30] }', 'c:4:22 defaults.quiet_days.ID.0: must be a date, such as 2027-03-20'],
    ['quiet_days: [2027-03-20]', 'c:4:15 defaults.quiet_days: must be a block of "key: value" lines'],
    ['payday_slots: { ID: [0] }', 'c:4:24 defaults.payday_slots.ID.0: must be at least 1'],
    ['payday_slots: { ID: [32] }', 'c:4:24 defaults.payday_slots.ID.0: must be at most 31'],
    ['payday_slots: { XX: [1] }', 'c:4:19 defaults.payday_slots.XX: is not known here'],
    [
      'network_limits: [{ network: visa, reattempts: 1, window: 1 day }]',
      'c:4:31 defaults.network_limits.0.network: must be a network in capitals, such as VISA, or "*" for all others',
    ],
    [
      'network_limits: [{ network: VISA, reattempts: -1, window: 1 day }]',
      'c:4:49 defaults.network_limits.0.reattempts: must be at least 0',
    ],
    ['network_limits: { VISA: 3 }', 'c:4:19 defaults.network_limits: must be a list, such as [1 day, 3 days]'],
    [
      'network_limits:\n  - { network: VISA, reattempts: 3, window: 30 days }\n  - { network: VISA, reattempts: 4, window: 720 hours }',
      'c:6:7 defaults.network_limits.1: repeats a network and window given above',
    ],
    ['limits: { per_charge: { EUR: 5 } }', 'c:4:27 defaults.limits.per_charge.EUR: is not known here'],
    [
      'limits: { per_day: { PHP: 10.505 } }',
      'c:4:29 defaults.limits.per_day.PHP: must have at most 2 decimals, as PHP has',
    ],
    ...['ACME', 'ACME BILLING OF INDONESIA', 'ACME-BILLING', '"     "'].map(
      (text) =>
        [
          `cards: { statement_descriptor: ${text} }`,
          'c:4:34 defaults.cards.statement_descriptor: must be 5 to 22 letters, digits and blanks, as Xendit demands',
        ] as const,
    ),
    ['cards: { return_urls: no }', 'c:4:25 defaults.cards.return_urls: must be true or false'],
    ['limits: { per_day: { IDR: 0 } }', 'c:4:29 defaults.limits.per_day.IDR: must be more than 0'],
  ])('%s', (field, line) => {
    expect(linesOf(withDefault(field))).toEqual([line]);
  });

  test.each([
    [
      '[1 day, 2 hours]',
      '28 days',
      'c:6:26 dunning.own.retry_after.1: must count days, weeks, months or years, not hours: what falls due is a calendar day',
    ],
    [
      '[1 day, 1 month]',
      '28 days',
      'c:6:26 dunning.own.retry_after.1: must be days or weeks, such as "28 days": months differ in length',
    ],
    [
      '[1 day, 3]',
      '28 days',
      'c:6:26 dunning.own.retry_after.1: must be text: if it looks like a number or a truth value, put it in quotes',
    ],
    ['[0 days]', '28 days', 'c:6:19 dunning.own.retry_after.0: must be at least 1 day'],
    ['1 day', '28 days', 'c:6:18 dunning.own.retry_after: must be a list, such as [1 day, 3 days]'],
    [
      '[1 day]',
      '2 years',
      'c:7:13 dunning.own.window: must be days or weeks, such as "28 days": years differ in length',
    ],
    ['[1 day]', '500 days', 'c:7:13 dunning.own.window: must be at most 366 days'],
    [
      '[3 days, 1 day]',
      '2 days',
      'c:7:13 dunning.own.window: must hold at least the first retry, which comes after 3 days: no retry would ever be made',
    ],
  ])('retry_after: %s, window: %s', (retryAfter, window, line) => {
    expect(linesOf(withPolicy(retryAfter, window))).toEqual([line]);
  });

  test('of two names that are near, the nearest is the one that was meant', () => {
    const policy = '{ retry_after: [], window: 1 day, then: keep }';
    const policies = `dunning:\n  gentle-1: ${policy}\n  gentle: ${policy}\n`;
    expect(linesOf(withPlan('dunning: gentl') + policies)).toEqual([
      'c:4:14 plans.a.dunning: names "gentl", which is no policy under dunning (did you mean "gentle"?)',
    ]);
  });

  test('a window that holds only some of the ladder is a choice, not a fault', () => {
    expect(linesOf(withPolicy('[1 day, 3 days, 5 days]', '1 day'))).toEqual([]);
  });
});

describe('an amount is what is written, or refused', () => {
  test.each<readonly [string, string, string]>([
    ['150000.5', 'IDR', 'must be a whole number: IDR has no decimals'],
    ['150000.0', 'IDR', 'must be a whole number: IDR has no decimals'],
    ['10.101', 'PHP', 'must have at most 2 decimals, as PHP has'],
    ['0', 'IDR', 'must be more than 0'],
    ['0.00', 'PHP', 'must be more than 0'],
    ['-1', 'IDR', 'must not be negative'],
    ['0150', 'IDR', 'must not begin with a zero'],
    ['1234567890123456', 'IDR', 'must have at most 15 digits'],
    ...['1e5', '0x10', '0o17', '.inf', '.nan', '150_000', '"150,000"', 'Rp150000'].map(
      (amount) => [amount, 'IDR', 'must be a number in plain digits, such as 150000 or 10.50'] as const,
    ),
    ['true', 'IDR', 'must be a number, such as 150000 or 10.50'],
    ['[1]', 'IDR', 'must be a number, such as 150000 or 10.50'],
  ])('%s %s', (amount, currency, words) => {
    expect(linesOf(withPrice(amount, currency))).toEqual([`c:7:15 plans.a.price.amount: ${words}`]);
  });
});

describe('a file that is no catalog is answered too', () => {
  const block = 'must be a block of "key: value" lines';
  test.each<[string, string, readonly string[]]>([
    ['empty', '', ['c:1:1 catalog.yaml is empty; a catalog has defaults, plans and dunning']],
    ['only comments', '# later\n', ['c:1:1 catalog.yaml is empty; a catalog has defaults, plans and dunning']],
    ['a list', '- 1\n', [`c:1:1 ${block}`]],
    ['prose', 'Dear all\n', [`c:1:1 ${block}`]],
    [
      'no defaults',
      PLANS,
      ['c:1:1 defaults: is missing', 'c:2:3 plans.a.country: is missing: give it here, or to all plans under defaults'],
    ],
    ['no plans', DEFAULTS, ['c:1:1 plans: is missing']],
    ['no plan', `${DEFAULTS}plans: {}\n`, ['c:2:8 plans: must have at least one plan']],
    [
      'a plan that is empty',
      `${DEFAULTS}plans:\n  a:\n`,
      ['c:3:3 plans.a: is empty: give a value, or remove the line'],
    ],
    ['no price', `${DEFAULTS}plans:\n  a: { name: A, interval: 1 month }\n`, ['c:3:3 plans.a.price: is missing']],
    [
      'a plan id with capitals',
      `${DEFAULTS}plans:\n  Pro: { ${PLAN} }\n`,
      ['c:3:3 plans.Pro: must be 1 to 63 of a-z, 0-9, ".", "_" and "-", and begin with a letter or a digit'],
    ],
    ['a tab', `defaults:\n\tcountry: ID\n${PLANS}`, ['c:2:1 begins with a tab, but YAML indents with blanks alone']],
    [
      'a tab in the middle, and what the parser makes of the rest',
      `${DEFAULTS}plans:\n  a:\n\t\tname: A\n    price: { amount: 1, currency: IDR }\n`,
      ['c:4:1 begins with a tab, but YAML indents with blanks alone'],
    ],
    [
      'a colon that is missing behind a key',
      `${DEFAULTS}plans:\n  a\n    name: A\n    interval: 1 month\n`,
      ['c:3:3 has no colon with a blank behind its key, as in "country: ID"'],
    ],
    [
      'a blank that is missing behind a colon',
      `defaults:\n  country:ID\n  time_zone: Asia/Jakarta\n${PLANS}`,
      ['c:2:3 has no colon with a blank behind its key, as in "country: ID"'],
    ],
    [
      'a colon that is missing before a block',
      `${DEFAULTS}plans:\n  a:\n    price { amount: 1, currency: IDR }\n    interval: 1 month\n  b: { name: B }\n`,
      ['c:4:21 is no "key: value": a colon is missing, or is one too many'],
    ],
    ['a quote that is not closed', `${DEFAULTS}plans:\n  a:\n    name: "A\n`, ['c:5:1 Missing closing "quote']],
    [
      'two documents',
      `${DEFAULTS}${PLANS}---\n${DEFAULTS}`,
      ['c:4:1 begins a second document, but a catalog is one: remove the line ---'],
    ],
    ['YAML 1.1', `%YAML 1.1\n---\n${DEFAULTS}${PLANS}`, ['c:1:1 is written as YAML 1.1, but must be YAML 1.2']],
    ['a NUL', `${DEFAULTS}${PLANS}# \0\n`, ['c:4:3 has a NUL character']],
    [
      'an alias of nothing',
      `${DEFAULTS}plans:\n  a: *base\n`,
      ['c:3:6 plans.a: uses *base, but nothing above is marked &base'],
    ],
    [
      'an alias of itself',
      `${DEFAULTS}plans: &all\n  a: *all\n`,
      [
        'c:3:3 plans.a.name: is missing',
        'c:3:3 plans.a.price: is missing',
        'c:3:3 plans.a.interval: is missing',
        'c:3:3 plans.a.a: is not known here',
      ],
    ],
    ['a key that is a list', `${DEFAULTS}${PLANS}? [a]\n: 1\n`, ['c:4:3 ?: must be a plain name']],
    ['a prototype', `${DEFAULTS}${PLANS}__proto__: {}\n`, ['c:4:1 __proto__: is not known here']],
  ])('%s', (_, source, lines) => {
    expect(linesOf(source)).toEqual(lines);
  });

  test('too large', () => {
    expect(linesOf('#'.repeat(1024 * 1024 + 1))).toEqual([
      'c:1:1 catalog.yaml has 1048577 bytes; a catalog has at most 1048576',
    ]);
    expect(linesOf(`${DEFAULTS}${PLANS}#${' '.repeat(1024 * 1024 - 200)}`)).toEqual([]);
  });

  test('nested deeper than a stack', () => {
    expect(linesOf('['.repeat(100_000)).at(-1)).toMatch(/^c:1:\d+ is nested too deeply$/);
  });

  test('a few lines that unfold to billions', () => {
    const levels = Array.from('bcdefghij').map(
      (level, i) => `${level}: &${level} [${`*${'abcdefghij'[i]},`.repeat(10)}]`,
    );
    expect(linesOf(`a: &a [x]\n${levels.join('\n')}`)).toContain('c:1:1 uses aliases more than 1000 times over');
  });
});

describe('every fault is told at once', () => {
  test('of fields, between fields, and of YAML itself, in the order of the text', () => {
    const source = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  dunning: standart
plans:
  Pro Monthly:
    name: 2024
    price: { amount: 150000.5, currncy: IDR }
    interval: 12 hours
    trial: 1 day
    trial: 0 days
  weekly: { name: "\\q", price: { amount: 10.105, currency: EUR }, interval: *week }
  yearly: { name: Y, price: { amount: 1.5, currency: IDR }, interval: 10 years, ends_after: 50 cycles, extra: 1 }
dunning:
  standard:
    retry_after: [3 days, 2 hours]
    window: 1 day
    then: cancle
`;
    expect(linesOf(source)).toEqual([
      'c:4:12 defaults.dunning: names "standart", which is no policy under dunning (did you mean "standard"?)',
      'c:6:3 plans.Pro Monthly: must be 1 to 63 of a-z, 0-9, ".", "_" and "-", and begin with a letter or a digit',
      'c:7:11 plans.Pro Monthly.name: must be text: if it looks like a number or a truth value, put it in quotes',
      'c:8:5 plans.Pro Monthly.price.currency: is missing',
      'c:8:32 plans.Pro Monthly.price.currncy: is not known here (did you mean "currency"?)',
      'c:9:15 plans.Pro Monthly.interval: must count days, weeks, months or years, not hours: what falls due is a calendar day',
      'c:11:5 plans.Pro Monthly.trial: is given twice; the first is on line 10',
      'c:11:12 plans.Pro Monthly.trial: must be at least 1 day',
      'c:12:20 Invalid escape sequence \\q',
      'c:12:42 plans.weekly.price.amount: must have at most 2 decimals, as USD has',
      'c:12:60 plans.weekly.price.currency: must be one of IDR, VND, PHP, THB, SGD, MYR, USD',
      'c:12:77 plans.weekly.interval: uses *week, but nothing above is marked &week',
      'c:13:39 plans.yearly.price.amount: must be a whole number: IDR has no decimals',
      'c:13:93 plans.yearly.ends_after: must end within 100 years',
      'c:13:104 plans.yearly.extra: is not known here',
      'c:16:27 dunning.standard.retry_after.1: must count days, weeks, months or years, not hours: what falls due is a calendar day',
      'c:17:13 dunning.standard.window: must hold at least the first retry, which comes after 3 days: no retry would ever be made',
      'c:18:11 dunning.standard.then: must be one of cancel, pause, keep (did you mean "cancel"?)',
    ]);
  });

  test('where the text stops being YAML, what comes before it is told, and nothing is guessed about what comes after', () => {
    const source = `${DEFAULTS}plns: 1\nplans:\n  a: { name: A, pric: 5,\n  b: 3\n`;
    expect(linesOf(source)).toEqual([
      'c:2:1 plns: is not known here (did you mean "plans"?)',
      'c:4:17 plans.a.pric: is not known here (did you mean "price"?)',
      'c:5:3 Flow map in block collection must be sufficiently indented and end with a }',
    ]);
  });

  test('a shared block is wrong once, however many plans use it', () => {
    const users = Array.from({ length: 500 }, (_, i) => `  p${i}: { name: P, price: *price, interval: 1 day }`);
    const source = `${DEFAULTS}plans:\n  a: { name: A, price: &price { amount: 1.5, currency: IDR }, interval: 1 day }\n${users.join('\n')}\n`;
    expect(linesOf(source)).toEqual(['c:3:41 plans.a.price.amount: must be a whole number: IDR has no decimals']);
  });
});

test('the JSON Schema beside the file is the grammar that is read (UPDATE_SCHEMA=1 writes it)', () => {
  const schema = `${JSON.stringify(catalogJsonSchema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMA === '1') writeFileSync(schemaFile, schema);
  expect(readFileSync(schemaFile, 'utf8')).toBe(schema);
});

describe('a name that means something to JavaScript', () => {
  test.each([
    ['a plan', `${DEFAULTS}plans:\n  __proto__: { ${PLAN} }\n  a: { ${PLAN} }\n`, 'c:3:3 plans.__proto__'],
    ['a policy', `${DEFAULTS}${PLANS}dunning:\n  __proto__: { then: keep }\n`, 'c:5:3 dunning.__proto__'],
    ['a failure code', withDefault('declines: { __proto__: soft }'), 'c:4:15 defaults.declines.__proto__'],
  ])('is not lost in silence as the name of %s', (_what, source, place) => {
    expect(linesOf(source)).toEqual([`${place}: cannot be a name`]);
  });

  test('is harmless as a name that is allowed, and unknown anywhere else', () => {
    const plans = `plans:\n  constructor: { ${PLAN} }\n`;
    expect([...catalogOf(`${DEFAULTS}${plans}`).plans.keys()]).toEqual(['constructor']);
    expect(linesOf(`${DEFAULTS}${PLANS}__proto__: { polluted: 1 }\n`)).toEqual(['c:4:1 __proto__: is not known here']);
    expect(linesOf(withPlan('dunning: constructor'))).toEqual([expect.stringContaining('names "constructor"')]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
