import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readCatalog, readStoredCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { loadCatalog } from '../../src/infra/catalog-file/catalog-source.ts';
import { catalog, type Parts, told } from '../support/judged-catalog.ts';

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
