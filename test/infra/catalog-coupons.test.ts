import { describe, expect, test } from 'vitest';
import { faultLine, readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';

const catalog = (coupon: string) => `defaults:
  country: ID
  time_zone: Asia/Jakarta
plans:
  half-yearly:
    name: Half a year
    price: { amount: 900000, currency: IDR }
    interval: 6 months
coupons:
  HEMAT20: ${coupon}
`;

function faultsOf(coupon: string): readonly string[] {
  const read = readCatalog(catalog(coupon), 'c');
  return read.ok ? [] : read.faults.map((fault) => faultLine('c', fault).replace(/^c:10:\d+ /, ''));
}

function readOf(coupon: string) {
  const read = readCatalog(catalog(coupon), 'c');
  return read.ok ? read.catalog.coupons.get('HEMAT20') : null;
}

describe('a coupon of the catalog', () => {
  test('is read with what it takes off, how often, and who may take it', () => {
    const all =
      '{ percent: 12.5, cycles: 3, max_uses: 100, per_customer: 1, plans: [half-yearly], customers: [c-1], until: 2027-06-30 }';
    expect(readOf(all)).toEqual({
      code: 'HEMAT20',
      percent: 12.5,
      amounts: {},
      cycles: 3,
      maxUses: 100,
      perCustomer: 1,
      plans: ['half-yearly'],
      customers: ['c-1'],
      until: Temporal.PlainDate.from('2027-06-30'),
    });
    expect(readOf('{ amount: { IDR: 10000, PHP: 99.50 }, cycles: for_ever }')).toMatchObject({
      percent: null,
      amounts: { IDR: 10_000n, PHP: 9_950n },
      cycles: null,
      maxUses: null,
    });
  });

  const whatCycles =
    'must be a number of cycles, such as 3, or for_ever: a coupon counts the cycles of its plan, however long they are';
  test.each([
    ['says how often, since none ends by itself', '{ percent: 20 }', ['coupons.HEMAT20.cycles: is missing']],
    [
      'counts cycles, not months, which a plan of half a year has six of',
      '{ percent: 20, cycles: 6 months }',
      [`coupons.HEMAT20.cycles: ${whatCycles}`],
    ],
    [
      'cannot last for months either',
      '{ percent: 20, cycles: 1, months: 3 }',
      ['coupons.HEMAT20.months: is not known here'],
    ],
    ['takes something off', '{ cycles: 1 }', ['coupons.HEMAT20: must have percent or amount']],
    [
      'takes off the one or the other',
      '{ percent: 20, amount: { IDR: 1 }, cycles: 1 }',
      ['coupons.HEMAT20.amount: must be left out beside percent: a coupon takes off the one or the other'],
    ],
    [
      'takes off more than nothing',
      '{ amount: { IDR: 0 }, cycles: 1 }',
      ['coupons.HEMAT20.amount.IDR: must be more than 0'],
    ],
    ['takes off what there is', '{ percent: 100.5, cycles: 1 }', ['coupons.HEMAT20.percent: must be at most 100']],
    ['has two decimals', '{ percent: 33.333, cycles: 1 }', ['coupons.HEMAT20.percent: must have at most 2 decimals']],
    [
      'names plans that there are',
      '{ percent: 20, cycles: 1, plans: [half-yearli] }',
      ['coupons.HEMAT20.plans.0: names "half-yearli", which is no plan (did you mean "half-yearly"?)'],
    ],
    [
      'ends on a day that there is',
      '{ percent: 20, cycles: 1, until: 2027-02-30 }',
      ['coupons.HEMAT20.until: must be a day of the calendar, such as 2027-01-01'],
    ],
  ])('%s', (_, coupon, faults) => {
    expect(faultsOf(coupon)).toEqual(faults);
  });
});
