import { describe, expect, test } from 'vitest';
import { DEFAULTS, linesOf, PLANS, withDefault, withPlan, withPrice } from '../support/catalog-texts.ts';

const withPolicy = (retryAfter: string, window: string, then = 'cancel') =>
  `${DEFAULTS}${PLANS}dunning:\n  own:\n    retry_after: ${retryAfter}\n    window: ${window}\n    then: ${then}\n`;

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
