import { describe, expect, test } from 'vitest';
import { faultLine, readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';

const ppn = '{ name: PPN, included: true, rates: [{ from: 2025-01-01, rate: "12%", of: 11/12 }] }';

function catalog(price: string, { taxes = `{ ppn: ${ppn} }`, plan = '' } = {}): string {
  return `defaults:
  country: ID
  time_zone: Asia/Jakarta
  payment_channels: { ID: [CARDS, OVO] }
  taxes: [ppn]
taxes: ${taxes}
plans:
  a:
    name: A
    price: { amount: ${price}, currency: IDR }
    interval: 1 month
${plan}`;
}

function told(source: string): readonly string[] {
  const read = readCatalog(source, 'c');
  return [...(read.ok ? [] : read.faults), ...read.warnings].map((fault) => faultLine('c', fault));
}

describe('a tax of the catalog', () => {
  test('is read with its rates, of defaults for each plan that does not say otherwise', () => {
    const read = readCatalog(
      catalog('150000', {
        plan: '  b: { name: B, price: { amount: 150000, currency: IDR }, interval: 1 month, taxes: [] }\n',
      }),
      'c',
    );
    const plans = read.ok ? read.catalog.plans : new Map();
    expect(plans.get('a')?.tax).toEqual({
      name: 'PPN',
      included: true,
      rates: [
        {
          from: Temporal.PlainDate.from('2025-01-01'),
          rate: { numerator: 12n, denominator: 100n, text: '12%' },
          of: { numerator: 11n, denominator: 12n, text: '11/12' },
        },
      ],
    });
    expect(plans.get('b')?.tax).toBeNull();
  });

  test('lets a price stand that it cannot be taken out of in whole units, and names the nearest ones that do', () => {
    expect(told(catalog('150000'))).toEqual([]);
    expect(told(catalog('49000'))).toEqual([]);
    expect(told(catalog('25000'))).toEqual([
      'c:10:22 plans.a.price.amount: stands as it is, although base and PPN, each rounded, do not add up to it: the nearest prices that do are 24999 and 25001',
    ]);
  });

  test('says the same of a set-up fee, and nothing where it is added to the price', () => {
    const plan = '    setup_fee: { amount: 25000, currency: IDR }\n';
    expect(told(catalog('150000', { plan }))).toEqual([
      expect.stringContaining('plans.a.setup_fee.amount: stands as it is'),
    ]);
    expect(told(catalog('25000', { taxes: `{ ppn: ${ppn.replace('true', 'false')} }`, plan }))).toEqual([]);
  });

  test.each<[string, { taxes?: string; plan?: string }, string]>([
    [
      'a name that is none',
      { plan: '    taxes: [pppn]\n' },
      'plans.a.taxes.0: names "pppn", which is no tax under taxes (did you mean "ppn"?)',
    ],
    ['two taxes', { plan: '    taxes: [ppn, ppn]\n' }, 'plans.a.taxes: must have at most 1 entries'],
    ['no rate', { taxes: '{ ppn: { name: PPN, included: true, rates: [] } }' }, 'taxes.ppn.rates: must not be empty'],
    [
      'a rate without its sign',
      { taxes: '{ ppn: { name: PPN, included: true, rates: [{ from: 2025-01-01, rate: "12" }] } }' },
      'taxes.ppn.rates.0.rate: must be a percentage with its sign, such as "12%" or "7.5%"',
    ],
    [
      'no day',
      { taxes: '{ ppn: { name: PPN, included: true, rates: [{ from: 2025-02-30, rate: "12%" }] } }' },
      'taxes.ppn.rates.0.from: must be a day of the calendar, such as 2027-01-01',
    ],
    [
      'the newest rate first',
      {
        taxes:
          '{ ppn: { name: PPN, included: true, rates: [{ from: 2027-01-01, rate: "12%" }, { from: 2025-01-01, rate: "11%" }] } }',
      },
      'taxes.ppn.rates.1.from: must be later than 2027-01-01: the oldest rate comes first',
    ],
    [
      'a fee in another currency',
      { plan: '    setup_fee: { amount: 10, currency: USD }\n' },
      'plans.a.setup_fee.currency: must be IDR, as the price is: they stand on one charge',
    ],
    [
      'a fee of nothing',
      { plan: '    setup_fee: { amount: 0, currency: IDR }\n' },
      'plans.a.setup_fee.amount: must be more than 0',
    ],
  ])('is refused with %s', (_what, parts, line) => {
    expect(told(catalog('150000', parts)).map((fault) => fault.replace(/^c:\d+:\d+ /, ''))).toContain(line);
  });
});
