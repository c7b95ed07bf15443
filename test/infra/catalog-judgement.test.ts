import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultLine, readCatalog, readStoredCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { loadCatalog } from '../../src/infra/catalog-file/catalog-source.ts';

type Parts = { readonly defaults?: string; readonly plan?: string; readonly more?: string; readonly after?: string };

/** A catalog of one plan, with nothing to be told of it, but for the lines that are given. */
function catalog({ defaults = '', plan = '', more = '', after = '' }: Parts): string {
  const own = (fields: string, key: string, otherwise: string) => (fields.includes(`${key}:`) ? '' : `${otherwise}\n`);
  return `defaults:
  country: ID
${own(defaults, 'time_zone', '  time_zone: Asia/Jakarta')}${own(defaults, 'payment_channels', '  payment_channels: { ID: [CARDS, OVO], PH: [CARDS] }')}${lines(2, defaults)}plans:
  a:
    name: A
${own(plan, 'price', '    price: { amount: 150000, currency: IDR }')}${own(plan, 'interval', '    interval: 1 month')}${lines(4, plan)}${more}${after}`;
}

function lines(indent: number, text: string): string {
  return text === ''
    ? ''
    : `${text
        .split('\n')
        .map((line) => ' '.repeat(indent) + line)
        .join('\n')}\n`;
}

function told(source: string): { readonly faults: readonly string[]; readonly warnings: readonly string[] } {
  const read = readCatalog(source, 'c');
  const without = (fault: Parameters<typeof faultLine>[1]) => faultLine('c', fault).replace(/^c:\d+:\d+ /, '');
  return { faults: read.ok ? [] : read.faults.map(without), warnings: read.warnings.map(without) };
}

const policy = (retries: string, window: string) =>
  `dunning:\n  standard: { retry_after: ${retries}, window: ${window}, then: keep }\n`;

test('a catalog with nothing to be told of is told nothing', () => {
  expect(told(catalog({}))).toEqual({ faults: [], warnings: [] });
});

test('nor is the example', () => {
  const example = readFileSync(new URL('../../catalog.yaml', import.meta.url), 'utf8');
  expect(told(example)).toEqual({ faults: [], warnings: [] });
});

describe('what cannot be meant is a fault of a new file', () => {
  test.each<[string, Parts, string]>([
    [
      'a zone whose sign is turned round',
      { defaults: 'time_zone: Etc/GMT+7' },
      "defaults.time_zone: lies west of UTC, whatever its sign says, and none of Xendit's countries does: write a city, such as Asia/Jakarta, or Etc/GMT-7",
    ],
    [
      'in any spelling, of a plan too',
      { plan: 'time_zone: etc/gmt+8' },
      "plans.a.time_zone: lies west of UTC, whatever its sign says, and none of Xendit's countries does: write a city, such as Asia/Jakarta, or Etc/GMT-8",
    ],
    [
      "another country's currency",
      { plan: 'price: { amount: 499, currency: PHP }' },
      "plans.a.price.currency: must be IDR or USD, in which Xendit collects in ID; for PHP the plan's country is PH",
    ],
    [
      'what silence means, where nobody is asked',
      { plan: 'notice: { before: 14 days, silence: cancel }' },
      'plans.a.notice.silence: needs consent: opt_in: where a notice is enough, silence is agreement',
    ],
    [
      'a price that is too low for every channel',
      { plan: 'price: { amount: 99, currency: IDR }' },
      'plans.a.price.amount: can be charged by no channel: CARDS takes 5,000 IDR at least, OVO takes 100 IDR at least',
    ],
    [
      'a price that is too high for the only channel of a country',
      {
        plan: 'time_zone: Asia/Singapore\ncountry: SG\nprice: { amount: 1000.01, currency: SGD }\npayment_channels: [CARDS]',
      },
      'plans.a.price.amount: can be charged by no channel: CARDS takes 1,000 SGD at most',
    ],
    [
      'a price that no channel of all takes',
      { plan: 'time_zone: Asia/Kuching\ncountry: MY\nprice: { amount: 20000.01, currency: MYR }' },
      'plans.a.price.amount: can be charged by no channel: CARDS takes 5,000 MYR at most, GRABPAY takes 1,500 MYR at most, SHOPEEPAY takes 4,999 MYR at most, TOUCHNGO takes 20,000 MYR at most',
    ],
    [
      'a mandate that ends before the second year',
      { defaults: 'mandate_years: 1', plan: 'interval: 1 year' },
      'plans.a.interval: is longer than the mandate that customers give (defaults.mandate_years: 1): its second cycle could never be charged: mandate_years must be at least 2, or the plan must end (ends_after)',
    ],
    [
      'or does so because of the trial',
      { defaults: 'mandate_years: 1', plan: 'trial: 11 months' },
      'plans.a.interval: is longer than the mandate that customers give (defaults.mandate_years: 1): its second cycle could never be charged: mandate_years must be at least 2, or the plan must end (ends_after)',
    ],
    [
      'the built-in mandate',
      { plan: 'interval: 10 years' },
      'plans.a.interval: is longer than the mandate that customers give (defaults.mandate_years: 10): its second cycle could never be charged: mandate_years must be at least 11, or the plan must end (ends_after)',
    ],
    [
      'a day on which not one charge of a plan has room',
      { defaults: 'limits: { per_day: { IDR: 149999 } }' },
      'defaults.limits.per_day.IDR: is less than one charge of a: it could never be charged',
    ],
    [
      'a limit above the one that is reached before',
      { defaults: 'limits: { per_charge: { IDR: 900001 }, per_day: { IDR: 900000 } }' },
      'defaults.limits.per_charge.IDR: can never be reached: per_day is 900000 IDR already',
    ],
    [
      'a limit of a network that its own longer one comes before',
      {
        defaults:
          'network_limits: [{ network: VISA, reattempts: 5, window: 1 day }, { network: VISA, reattempts: 5, window: 30 days }]',
      },
      'defaults.network_limits.0.reattempts: can never be reached: within 720 hours no more than 5 reattempts are made',
    ],
    [
      'a channel that asks each time',
      { defaults: 'payment_channels: { ID: [CARDS, OVO], PH: [BPI_DIRECT_DEBIT] }' },
      'defaults.payment_channels.PH.0: names BPI_DIRECT_DEBIT, which can be saved but asks the customer each time: it cannot be charged when a cycle falls due',
    ],
    [
      'a channel that cannot be saved',
      {
        plan: 'time_zone: Asia/Manila\ncountry: PH\nprice: { amount: 499, currency: PHP }\npayment_channels: [CARDS, GCASH]',
      },
      'plans.a.payment_channels.1: names GCASH, which cannot be charged without its customer when a cycle falls due: there are CARDS, BPI_RECURRING, GRABPAY, PAYMAYA, SHOPEEPAY, UBP_EADA',
    ],
    [
      "another country's channel",
      { plan: 'payment_channels: [CARDS, GRABPAY]' },
      'plans.a.payment_channels.1: names GRABPAY, which can be saved in MY, PH and not in ID: there are CARDS, BRI_DIRECT_DEBIT, DANA, GOPAY_RECURRING, OVO, SHOPEEPAY',
    ],
    [
      'a channel that there is not',
      { plan: 'payment_channels: [CARD]' },
      "plans.a.payment_channels.0: names CARD, which is no channel of Xendit's: there are CARDS, BRI_DIRECT_DEBIT, DANA, GOPAY_RECURRING, OVO, SHOPEEPAY",
    ],
    ['a channel twice', { plan: 'payment_channels: [CARDS, CARDS]' }, 'plans.a.payment_channels.1: repeats CARDS'],
    ['no channel', { plan: 'payment_channels: []' }, 'plans.a.payment_channels: must name a channel, or be left out'],
    [
      'a return URL that Xendit takes in sessions, and not in charges',
      { defaults: `return_urls: { success: "https://a.example/${'x'.repeat(239)}", cancel: https://a.example }` },
      'defaults.return_urls.success: must have 11 to 255 characters, as Xendit demands, not 257',
    ],
  ])('%s', (_what, parts, line) => {
    expect(told(catalog(parts)).faults).toEqual([line]);
  });

  test.each<[string, Parts]>([
    ['the price that a channel takes at least', { plan: 'price: { amount: 5000, currency: IDR }' }],
    [
      'and at most',
      {
        plan: 'time_zone: Asia/Singapore\ncountry: SG\nprice: { amount: 1000, currency: SGD }\npayment_channels: [CARDS]',
      },
    ],
    ['dollars in any country, whatever the amount', { plan: 'price: { amount: 1, currency: USD }' }],
    ['a mandate that just holds the second year', { defaults: 'mandate_years: 2', plan: 'interval: 1 year' }],
    [
      'a plan that ends, however short the mandate',
      { defaults: 'mandate_years: 1', plan: 'interval: 1 year\nends_after: 3 cycles' },
    ],
    ['a zone in the east of the country', { defaults: 'time_zone: Asia/Jayapura' }],
    ['a zone that lies where it says', { defaults: 'time_zone: Etc/GMT-7' }],
    [
      'limits that lie in each other',
      {
        defaults:
          'limits: { per_charge: { IDR: 150000 }, per_customer_per_day: { IDR: 150000 }, per_day: { IDR: 150000 } }',
      },
    ],
    [
      'the longest return URL',
      { defaults: `return_urls: { success: "https://a.example/${'x'.repeat(237)}", cancel: https://a.example }` },
    ],
  ])('but not %s', (_what, parts) => {
    expect(told(catalog(parts))).toEqual({ faults: [], warnings: [] });
  });
});

describe('what may be meant is a warning', () => {
  test.each<[string, Parts, string]>([
    [
      'no list of channels where some ask each time',
      { defaults: 'payment_channels: { PH: [CARDS] }' },
      "defaults.payment_channels.ID: is left out: Xendit's page then offers all savable channels, of which these ask the customer each time, and cannot be charged when a cycle falls due: NEXCASH",
    ],
    [
      'no list of channels where none does',
      { plan: 'time_zone: Asia/Singapore\ncountry: SG\nprice: { amount: 9, currency: SGD }' },
      "defaults.payment_channels.SG: is left out: Xendit's page then offers all savable channels",
    ],
    [
      'a price that some channels do not take',
      { plan: 'price: { amount: 4000, currency: IDR }' },
      'plans.a.price.amount: cannot be charged in every channel: CARDS takes 5,000 IDR at least',
    ],
    [
      'a price of which pages of Xendit say different things',
      { plan: 'price: { amount: 1000000, currency: IDR }\npayment_channels: [BRI_DIRECT_DEBIT]' },
      "plans.a.price.amount: cannot be charged in every channel: BRI_DIRECT_DEBIT may take 999,999 IDR at most: Xendit's pages differ",
    ],
    [
      'a price beyond what a person need not look at',
      { defaults: 'limits: { per_charge: { IDR: 149999 } }' },
      'defaults.limits.per_charge.IDR: is less than the price of a: each charge of it is held for a person',
    ],
    [
      "another country's time zone",
      { plan: 'time_zone: America/New_York' },
      'plans.a.time_zone: does not go with the country ID: charge_at is the hour of America/New_York',
    ],
    [
      'a country whose own zone was forgotten',
      { plan: 'country: PH\nprice: { amount: 499, currency: PHP }' },
      'plans.a.country: does not go with the time zone Asia/Jakarta: charge_at is the hour of Asia/Jakarta',
    ],
    [
      'a zone of all plans that lies elsewhere',
      { defaults: 'time_zone: UTC' },
      'plans.a.time_zone: does not go with the country ID: charge_at is the hour of UTC',
    ],
    [
      'a limit in a currency that nothing costs',
      { defaults: 'limits: { per_day: { PHP: 100 } }' },
      'defaults.limits.per_day.PHP: holds nothing back: no plan costs PHP',
    ],
    [
      'retries that outlast the interval',
      { plan: 'interval: 1 week' },
      'plans.a.interval: has a window of 28 days, which outlasts the interval: a customer may owe several cycles at once, each of them retried',
    ],
    [
      'retries beyond the window',
      { after: policy('[1 day, 3 days, 5 days]', '8 days') },
      'dunning.standard.retry_after: is longer than the window of 8 days: its retries from number 3 on, on day 9, are never made',
    ],
    [
      'more retries than the networks let pass',
      {
        defaults: 'network_limits: [{ network: "*", reattempts: 1, window: 30 days }]',
        after: policy('[1 day, 1 day]', '28 days'),
      },
      'dunning.standard.retry_after: asks for 3 tries within 720 hours, and defaults.network_limits lets 2 pass: the others come later, or never',
    ],
    [
      'a cycle that is missed only when the next ones have begun',
      { defaults: 'missed_after: 32 days' },
      'plans.a.interval: is shorter than defaults.missed_after (768 hours): after an outage several cycles are charged one after the other, and missed_cycles is not asked',
    ],
    [
      'unpaid cycles of a plan that has no number of them',
      { plan: 'unpaid_cycles: not' },
      'plans.a.unpaid_cycles: has no effect: the plan does not end (ends_after)',
    ],
  ])('%s', (_what, parts, line) => {
    expect(told(catalog(parts))).toEqual({ faults: [], warnings: [line] });
  });

  test('it has a line and a column, and stands beside faults', () => {
    const source = catalog({ defaults: 'missed_after: 32 days', plan: 'trial: 1 moon' });
    const read = readCatalog(source, 'c');
    expect(read).toMatchObject({ ok: false, faults: [{ path: 'plans.a.trial' }] });
    expect(read.warnings).toMatchObject([{ line: 10, column: 15, path: 'plans.a.interval' }]);
  });
});

test('a version that was stored under other judgements is read by them', () => {
  const source = catalog({ plan: 'price: { amount: 499, currency: PHP }\ntime_zone: Etc/GMT+7' });
  expect(readCatalog(source, 'c').ok).toBe(false);
  expect(readStoredCatalog(source, 'version 3')).toMatchObject({ ok: true, warnings: [] });
});

test('and a daemon that judges more strictly starts with the file that is in force, and says what is wrong with it', () => {
  const source = catalog({ plan: 'price: { amount: 499, currency: PHP }' });
  const folder = mkdtempSync(join(tmpdir(), 'catalog-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'catalog.yaml');
  writeFileSync(file, source);
  expect(loadCatalog(file, source).warnings).toEqual([
    expect.stringContaining('plans.a.price.currency: must be IDR or USD'),
  ]);
  for (const stored of [null, `${source}# as it was\n`])
    expect(() => loadCatalog(file, stored)).toThrow('price.currency');
});
