import { expect, test } from 'vitest';
import { type Agreement, agreementText } from '../../src/domain/catalog/agreement.ts';
import { money, moneyText } from '../../src/domain/money/money.ts';

const pro: Agreement = {
  name: 'Pro',
  price: money(150_000, 'IDR'),
  setupFee: null,
  tax: null,
  interval: { count: 1, unit: 'month' },
  endsAfter: null,
  trial: null,
  startsOn: null,
  coupon: null,
};

test.each<[Partial<Agreement>, string]>([
  [{}, 'Pro: IDR 150,000 a month, until you cancel'],
  [{ interval: { count: 2, unit: 'week' } }, 'Pro: IDR 150,000 every 2 weeks, until you cancel'],
  [{ endsAfter: 3 }, 'Pro: IDR 150,000 a month, 3 times in all'],
  [{ endsAfter: 1 }, 'Pro: IDR 150,000 a month, once'],
  [{ trial: { count: 14, unit: 'day' } }, 'Pro: 14 days free, then IDR 150,000 a month, until you cancel'],
  [
    { startsOn: Temporal.PlainDate.from('2026-02-14'), trial: { count: 1, unit: 'day' } },
    'Pro: from 2026-02-14, IDR 150,000 a month, until you cancel',
  ],
  [
    { coupon: { percent: 20, amount: null, cycles: 3 } },
    'Pro: IDR 150,000 a month, less 20% the first 3 times, until you cancel',
  ],
  [
    { coupon: { percent: null, amount: '10000', cycles: 1 } },
    'Pro: IDR 150,000 a month, less IDR 10,000 the first time, until you cancel',
  ],
  [{ coupon: { percent: 12.5, amount: null, cycles: null } }, 'Pro: IDR 150,000 a month, less 12.5%, until you cancel'],
  [{ setupFee: money(50_000, 'IDR') }, 'Pro: IDR 150,000 a month, and IDR 50,000 the first time, until you cancel'],
  [
    { setupFee: money(50_000, 'IDR'), trial: { count: 14, unit: 'day' } },
    'Pro: IDR 50,000 now, 14 days free, then IDR 150,000 a month, until you cancel',
  ],
  [{ tax: { name: 'PPN', included: true } }, 'Pro: IDR 150,000 a month, until you cancel'],
  [{ tax: { name: 'VAT', included: false } }, 'Pro: IDR 150,000 a month plus VAT, until you cancel'],
])('a customer is told what they agree to: %#', (terms, text) => {
  expect(agreementText({ ...pro, ...terms })).toBe(text);
});

test.each([
  [0n, 'IDR 0'],
  [999n, 'IDR 999'],
  [1_000n, 'IDR 1,000'],
  [-4_800_000n, 'IDR -4,800,000'],
])('%s is written %s', (minor, text) => {
  expect(moneyText(money(minor, 'IDR'))).toBe(text);
});

test('cents are written whole', () => {
  expect(moneyText(money(149_950n, 'PHP'))).toBe('PHP 1,499.50');
});
