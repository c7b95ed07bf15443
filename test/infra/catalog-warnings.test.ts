import { describe, expect, test } from 'vitest';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { catalog, type Parts, told } from '../support/judged-catalog.ts';

const policy = (retries: string, window: string) =>
  `dunning:\n  standard: { retry_after: ${retries}, window: ${window}, then: keep }\n`;

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
