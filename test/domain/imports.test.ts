import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cellsOf, headerFaults, type ImportFault, importColumns } from '../../src/domain/imports/header.ts';
import { type ImportedRow, importedRow } from '../../src/domain/imports/imported-row.ts';
import { nextDues } from '../../src/domain/imports/next-date.ts';
import { openEndFault } from '../../src/domain/imports/open-end.ts';
import { againstEarlier, nothingSeen } from '../../src/domain/imports/seen-before.ts';
import { switchVerdict } from '../../src/domain/imports/switching.ts';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { customerId, tokenOf } from '../support/subscriber-file.ts';

const now = Temporal.Instant.from('2026-01-31T02:00:00Z');
const source = readFileSync(new URL('../fixtures/catalog.yaml', import.meta.url), 'utf8');
const read = readCatalog(source, 'catalog.yaml');
const plans = read.ok ? read.catalog.plans : new Map();

// One for all lines, as for a file: what it said of one line is nothing to do with a line of another zone or plan.
const dues = nextDues(now);

const good: Readonly<Record<string, string>> = {
  reference_id: 'old-1',
  plan: 'monthly',
  customer_reference: 'person-1',
  customer_id: customerId(1),
  payment_token_id: tokenOf(1),
  next_payment_date: '2026-02-10',
  cycle: '5',
  amount: '',
  time_zone: '',
  metadata: '',
};

function rowOf(more: Readonly<Record<string, string>> = {}): ImportedRow | readonly ImportFault[] {
  return importedRow(7, new Map(Object.entries({ ...good, ...more })), plans, dues);
}

const faultsOf = (more: Readonly<Record<string, string>>) => {
  const row = rowOf(more);
  return 'referenceId' in row ? [] : row;
};

describe('the first line', () => {
  test.for<[string, readonly string[], readonly (readonly [string | null, string])[]]>([
    ['semicolons between the columns', [importColumns.join(';')], [[null, 'semicolons']]],
    ['tabs between them', [importColumns.join('\t')], [[null, 'tabs']]],
    ['a column too many at the end', [...importColumns, ''], [[null, 'no name for column 11']]],
    ['a column that there is not', [...importColumns, 'cycel'], [['cycel', 'did you mean "cycle"']]],
    ['a column twice', [...importColumns, 'plan'], [['plan', 'twice']]],
    [
      'columns that are missing',
      importColumns.filter((name) => name !== 'cycle' && name !== 'plan'),
      [
        ['plan', 'is missing'],
        ['cycle', 'is missing'],
      ],
    ],
  ])('with %s is refused by name', ([, names, faults]) => {
    const found = headerFaults(1, names);
    expect(found.map(({ column }) => column)).toEqual(faults.map(([column]) => column));
    for (const [index, [, words]] of faults.entries()) expect(found[index]?.message).toContain(words);
  });

  test('may have its columns in any order, and leave out what is optional', () => {
    expect(headerFaults(1, importColumns.toReversed())).toEqual([]);
    expect(headerFaults(1, importColumns.slice(0, 7))).toEqual([]);
  });
});

describe('a line', () => {
  test('with fewer or more cells than columns is told as such, and so is a character that was lost', () => {
    const names = ['reference_id', 'plan', 'cycle'];
    expect(cellsOf(9, names, ['a', 'b'])).toMatchObject({ line: 9, message: expect.stringContaining('half a line') });
    expect(cellsOf(9, names, ['a', 'b', 'c', ''])).toMatchObject({
      message: expect.stringContaining('a comma too many'),
    });
    expect(cellsOf(9, names, ['a', 'b\ufffd', 'c'])).toMatchObject({
      column: 'plan',
      message: expect.stringContaining('UTF-8'),
    });
  });

  // 03/04/2026 is April or March: woocommerce-subscriptions-importer-exporter#179 imported such dates in silence, and billed by them.
  test.for<[string, string, string]>([
    ['next_payment_date', '', 'is empty'],
    ['next_payment_date', '03/04/2026', 'is ambiguous: 03/04/2026 is 2026-03-04 or 2026-04-03'],
    ['next_payment_date', '3.4.2026', 'is ambiguous'],
    ['next_payment_date', '25/02/2026', 'must be a date like 2026-02-25'],
    ['next_payment_date', '02-25-2026', 'must be a date like 2026-02-25'],
    ['next_payment_date', '2026-02-30', 'is no day of the calendar'],
    ['next_payment_date', '2026-02-10T00:00:00Z', 'must be a date like'],
    ['next_payment_date', '1770681600', 'must be a date like'],
    ['next_payment_date', '2026-01-30', 'lies in the past'],
    ['next_payment_date', '2026-01-31', 'lies in the past'],
    ['next_payment_date', '2027-02-10', 'more than a period of the plan ahead'],
    ['cycle', '', 'must be a whole number'],
    ['cycle', '-1', 'must be a whole number'],
    ['cycle', '1.5', 'must be a whole number'],
    ['cycle', '100001', 'must be a whole number'],
    ['plan', '', 'is empty'],
    ['plan', 'montly', 'did you mean "monthly"'],
    // woocommerce#30224: renewals of subscriptions without a method failed one by one, and nobody was told before.
    ['payment_token_id', '', 'has no method'],
    ['payment_token_id', 'tok_123', 'begins with pt-'],
    ['customer_id', 'cus_123', "must be Xendit's id"],
    ['customer_id', '', 'is empty'],
    ['customer_reference', 'siti@example.com', '"@"'],
    ['customer_reference', '', 'is empty'],
    ['reference_id', '+6281234567890', 'telephone number'],
    ['reference_id', '', 'is empty'],
    ['reference_id', 'x'.repeat(256), 'at most 255'],
    ['amount', '99,50', 'has a comma'],
    ['amount', '150,000', 'has a comma'],
    ['amount', '150000.50', 'IDR has no decimals'],
    ['amount', '-1', 'must not be negative'],
    ['amount', '0', 'must be more than 0'],
    ['amount', 'IDR 150000', 'plain digits'],
    ['time_zone', 'Jakarta', 'must be an IANA time zone'],
    ['time_zone', '+07:00', 'must be an IANA time zone'],
    ['time_zone', 'Etc/GMT+7', 'lies west of UTC'],
    ['metadata', '{"a": 1}', 'what cannot be kept'],
    ['metadata', '[1]', 'must be a JSON object'],
    ['metadata', '{"a":', 'must be a JSON object'],
    ['metadata', `{"a": "${'x'.repeat(81)}"}`, 'at most 80'],
    [
      'metadata',
      JSON.stringify(Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'v']))),
      'at most 20 keys',
    ],
  ])('with %s %j is refused by line and column', ([column, text, words]) => {
    expect(faultsOf({ [column]: text })).toEqual([{ line: 7, column, message: expect.stringContaining(words) }]);
  });

  test('tells all its faults at once', () => {
    const faults = faultsOf({ next_payment_date: '', cycle: 'x', amount: '1,0', time_zone: 'X' });
    expect(faults.map(({ column }) => column)).toEqual(['next_payment_date', 'cycle', 'amount', 'time_zone']);
  });

  test('is meant by its own zone: a day that has begun in Jakarta is still to come in Honolulu', () => {
    expect(faultsOf({ next_payment_date: '2026-01-31', time_zone: 'Pacific/Honolulu' })).toEqual([]);
  });

  test('may be one period ahead to the day, and no further', () => {
    expect(faultsOf({ next_payment_date: '2026-02-28' })).toEqual([]);
    expect(faultsOf({ next_payment_date: '2026-03-01' })).toMatchObject([{ column: 'next_payment_date' }]);
    expect(faultsOf({ next_payment_date: '2026-02-28', plan: 'weekly' })).toMatchObject([
      { column: 'next_payment_date' },
    ]);
  });

  test('is within the cycles of its plan', () => {
    expect(faultsOf({ plan: 'three', cycle: '2' })).toEqual([]);
    expect(faultsOf({ plan: 'three', cycle: '3' })).toMatchObject([
      { column: 'cycle', message: expect.stringContaining('3 cycles') },
    ]);
  });

  test('has its own price in the currency of its plan', () => {
    const row = rowOf({ plan: 'manila', amount: '399.5', next_payment_date: '2026-02-10' });
    expect('plan' in row ? row.plan.price : null).toEqual({ minor: 39_950n, currency: 'PHP' });
  });
});

describe('a last line that no line break ends', () => {
  const endOf = (column: string, more: Readonly<Record<string, string>> = {}) => {
    const row = rowOf(more);
    return 'referenceId' in row ? openEndFault(row, column).map((fault) => fault.column) : row;
  };

  test('is whole where a value that is cut off would be told by itself', () => {
    for (const column of ['customer_id', 'payment_token_id', 'next_payment_date', 'cycle', 'time_zone', 'metadata'])
      expect(endOf(column), column).toEqual([]);
  });

  test('is refused where half a value is another value: an amount, a name, the cycle of a plan that ends', () => {
    for (const column of ['amount', 'reference_id', 'customer_reference', 'plan'])
      expect(endOf(column), column).toEqual([column]);
    expect(endOf('cycle', { plan: 'three', cycle: '1' })).toEqual(['cycle']);
  });
});

describe('two lines of one file', () => {
  const row = (more: Partial<ImportedRow>) => ({ ...(rowOf() as ImportedRow), ...more });
  const second = {
    referenceId: 'old-2',
    customerReference: 'person-2',
    customerId: customerId(2),
    tokenId: 'pt-of-the-second',
  };

  test.for<[string, Partial<ImportedRow>, readonly string[]]>([
    ['the same reference', { ...second, referenceId: 'old-1' }, ['reference_id']],
    ['one customer under two ids', { referenceId: 'old-2', customerId: customerId(2) }, ['customer_id']],
    ['two customers under one id', { ...second, customerId: customerId(1) }, ['customer_reference']],
    ['one token for two customers', { ...second, tokenId: (rowOf() as ImportedRow).tokenId }, ['payment_token_id']],
    ['two customers', second, []],
    ['two subscriptions of one customer', { referenceId: 'old-2' }, []],
  ])('%s', ([, more, columns]) => {
    const seen = nothingSeen();
    expect(againstEarlier(seen, row({}))).toEqual([]);
    expect(againstEarlier(seen, row({ line: 8, ...more })).map(({ column }) => column)).toEqual(columns);
  });
});

describe('what waits for its switch', () => {
  const waiting = {
    status: 'paused',
    nextCycle: 5,
    nextCycleAt: Temporal.Instant.from('2026-02-10T02:00:00Z'),
    fileCycle: 5,
    besides: null,
  } as const;

  test.for<[string, Partial<Parameters<typeof switchVerdict>[0]>, string, string?]>([
    ['goes on', {}, 'switch'],
    ['goes on where it renews in 24 hours to the second', { nextCycleAt: now.add({ hours: 24 }) }, 'switch'],
    [
      'waits where it renews a second sooner',
      { nextCycleAt: now.add({ hours: 24 }).subtract({ seconds: 1 }) },
      'wait',
      'within 24 hours',
    ],
    ['waits where its date has passed and was not opened yet', { nextCycleAt: now }, 'wait', 'has passed'],
    ['waits where its cycle fell due in the pause', { nextCycle: 6 }, 'wait', 'has passed'],
    ['waits where its customer subscribed by hand', { besides: 'sub-9' }, 'wait', 'sub-9'],
    ['is left where it was canceled', { status: 'canceled', nextCycleAt: null }, 'leave', 'canceled'],
    ['is left where it has ended', { status: 'ended', nextCycleAt: null }, 'leave', 'ended'],
    ['is done where somebody resumed it', { status: 'active' }, 'done', 'by hand'],
    ['is done where it is past due by now', { status: 'past_due', nextCycle: 6 }, 'done', 'by hand'],
  ])('%s', ([, more, kind, why]) => {
    const verdict = switchVerdict({ ...waiting, ...more }, now);
    expect(verdict.kind).toBe(kind);
    if (why !== undefined) expect(verdict).toMatchObject({ why: expect.stringContaining(why) });
  });
});
