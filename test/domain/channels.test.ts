import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHANNELS, LIVES_MONTHS } from '../../src/domain/catalog/channel-table.ts';
import {
  askingCodes,
  asksEachTime,
  channelFault,
  currenciesOf,
  noChannelTakes,
  offerFaults,
} from '../../src/domain/catalog/channels.ts';
import { type Currency, parseMajor } from '../../src/domain/money/money.ts';

type Row = {
  readonly channel_code: string;
  readonly country: string;
  readonly min_amount: string;
  readonly max_amount: string;
  readonly save: string;
  readonly mit: string;
  readonly token_validity_years: string;
};
const page = JSON.parse(readFileSync(new URL('../fixtures/xendit/payment-channels.json', import.meta.url), 'utf8')) as {
  readonly channels: readonly Row[];
};
const savable = page.channels.filter(({ save, channel_code }) => save === '✓' && channel_code !== 'GOPAY');

function amount(text: string, currency: Currency) {
  const money = parseMajor(text, currency);
  if ('fault' in money) throw new Error(money.fault);
  return money;
}

describe('the table of channels', () => {
  test.each(savable.map((row) => [row.country, row.channel_code, row] as const))(
    'has %s %s as Xendit’s page of channels has it',
    (country, code, row) => {
      const channel = CHANNELS[country]?.find((one) => one.code === code);
      const number = (text: string) => Number(text.replaceAll(',', ''));
      const isContradicted = country === 'VN';
      expect(channel).toMatchObject({
        asksEachTime: row.mit !== '✓',
        least: number(row.min_amount),
        greatest: isContradicted ? null : number(row.max_amount),
      });
    },
  );

  test('has for how many months a saved method lives, where the page says a number', () => {
    const said = savable
      .filter(({ token_validity_years: years }) => Number(years) > 0)
      .map(
        ({ country, channel_code: code, token_validity_years: years }) => `${country} ${code} ${Number(years) * 12}`,
      );
    const ours = Object.entries(LIVES_MONTHS).flatMap(([country, all]) =>
      Object.entries(all).map(([code, months]) => `${country} ${code} ${months}`),
    );
    expect(ours.toSorted()).toEqual(said.toSorted());
  });

  test('has none besides, but the cards of Singapore, which have a page of their own', () => {
    const known = savable.map(({ country, channel_code }) => `${country} ${channel_code}`);
    const ours = Object.entries(CHANNELS).flatMap(([country, all]) => all.map(({ code }) => `${country} ${code}`));
    expect(ours.toSorted()).toEqual([...known, 'SG CARDS'].toSorted());
  });
});

test('a country collects its own currency and dollars; of one that Xendit does not have nothing is known', () => {
  expect(currenciesOf('ID')).toEqual(['IDR', 'USD']);
  expect(currenciesOf('US')).toEqual([]);
});

test('what asks each time in one country is charged by itself in none', () => {
  expect(askingCodes()).toContain('NEXCASH');
  for (const code of askingCodes())
    for (const country of Object.keys(CHANNELS)) expect(channelFault(country, code)).not.toBeNull();
});

test('a saved method asks each time where Xendit says so, in that country alone', () => {
  expect(asksEachTime('PH', 'BPI_DIRECT_DEBIT')).toBe(true);
  expect(asksEachTime('PH', 'BPI_RECURRING')).toBe(false);
  expect(asksEachTime('ID', 'BPI_DIRECT_DEBIT')).toBe(false);
});

test.each([
  ['ID', 'CARDS', null],
  ['PH', 'UBP_DIRECT_DEBIT', 'asks the customer each time'],
  ['PH', 'GCASH', 'cannot be charged without its customer'],
  ['ID', 'GOPAY', 'cannot be charged without its customer'],
  ['TH', 'SHOPEEPAY', 'can be saved in ID, MY, PH and not in TH: there are CARDS, BBL_DIRECT_DEBIT'],
  ['SG', 'CARD', "is no channel of Xendit's: there is CARDS"],
])('in %s, %s is refused with its reason: %s', (country, code, reason) => {
  if (reason === null) expect(channelFault(country, code)).toBeNull();
  else expect(channelFault(country, code)).toContain(reason);
});

test.each([
  ['ID', ['CARDS'], '4999', 'IDR', 'can be charged by no channel: CARDS takes 5,000 IDR at least'],
  ['ID', ['CARDS'], '5000', 'IDR', null],
  ['ID', null, '4999', 'IDR', null],
  ['SG', null, '1000', 'SGD', null],
  ['SG', null, '1000.01', 'SGD', 'can be charged by no channel: CARDS takes 1,000 SGD at most'],
  ['SG', null, '25000', 'USD', null],
  ['VN', null, '405400', 'VND', null],
  ['VN', null, '999', 'VND', 'can be charged by no channel: CARDS takes 1,000 VND at least'],
] as const)('in %s by %j, %s %s: %s', (country, codes, text, currency, fault) => {
  expect(noChannelTakes(country, codes, amount(text, currency))).toBe(fault);
});

test('of what is offered each wrong name is told by its place, and else whether the price can be charged', () => {
  const price = amount('4000', 'IDR');
  expect(offerFaults('channels', 'ID', null, price)).toEqual([]);
  expect(offerFaults('channels', 'ID', ['OVO', 'CARDS'], price)).toEqual([]);
  expect(offerFaults('channels', 'ID', ['OVO', 'NEXCASH', 'OV0'], price).map(({ field }) => field)).toEqual([
    'channels.1',
    'channels.2',
  ]);
  expect(offerFaults('channels', 'ID', ['CARDS'], price)).toEqual([
    { field: 'channels', message: 'the price can be charged by no channel: CARDS takes 5,000 IDR at least' },
  ]);
});
