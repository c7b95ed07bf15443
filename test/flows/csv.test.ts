import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logColumns } from '../../src/domain/books/ledger.ts';
import { csvText } from '../../src/flows/views/files/csv.ts';
import type { LogLine } from '../../src/flows/views/log/charge-log.ts';
import { logFileColumns } from '../../src/flows/views/log/file-columns.ts';
import { readCsv } from '../support/csv.ts';

const NUMBERS: ReadonlySet<string> = new Set(['cycle', 'attempt', 'amount', 'money', 'catalog_version', 'credit']);
/** What we write ourselves, and no formula is: ids, hashes, dates and instants. */
const OURS: ReadonlySet<string> = new Set([
  'entry_id',
  'at',
  'subscription_id',
  'charge_id',
  'period_start',
  'period_end',
  'hash',
]);
const columns = logFileColumns('Asia/Jakarta');
const placeOf = (name: string) => columns.findIndex((column) => column.name === name);

/** One apostrophe is taken away from wherever some spreadsheet begins a cell. */
function readBack(cell: string): string {
  return cell.replace(/(^|[,;|\t\r\n])'/g, '$1');
}

async function exported(lines: readonly LogLine[]): Promise<readonly (readonly string[])[]> {
  async function* all() {
    yield lines;
  }
  let text = '';
  for await (const part of csvText(columns, all())) text += part;
  return readCsv(text).slice(1);
}

const hostile = fc.constantFrom(
  '=1+1',
  "=cmd|' /C calc'!A0",
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '\0=1',
  '"=1',
  '",=1',
  '"\n=1',
  ',=1',
  '\r\n=1,2',
  '＝1+1',
  '－1',
  "'=1",
  ' =1',
  '\u00a0=1',
  '\ufeff\u3000+1',
  'too dear;=1+1;',
  'a\t @SUM(A1)',
  'a;"=1+1"',
  "a;'=1",
  '',
  ' ',
  'a\rb',
  'a|=1+1',
);
const textCell = fc.oneof(
  fc.constant(null),
  hostile,
  fc.string({ unit: 'binary' }),
  fc.tuple(hostile, hostile).map((two) => two.join('')),
);
const numberCell = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map(String),
  fc.integer(),
);
const at = '2026-01-31T16:00:00Z';
const cellOf = (column: string) => (OURS.has(column) ? fc.constant(at) : NUMBERS.has(column) ? numberCell : textCell);
const line: fc.Arbitrary<LogLine> = fc.record(
  Object.fromEntries(logColumns.map((column) => [column, cellOf(column)])) as Record<
    (typeof logColumns)[number],
    fc.Arbitrary<string | number | null>
  >,
);

test('no text of an export can start a formula, and whoever reads it gets back what was written', async () => {
  let armed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 3 }), async (lines) => {
      const rows = await exported(lines);
      expect(rows).toHaveLength(lines.length);
      for (const [index, row] of rows.entries()) {
        expect([row[placeOf('at_local')], row[placeOf('time_zone')]]).toEqual(['2026-01-31 23:00:00', 'Asia/Jakarta']);
        for (const column of logColumns.filter((name) => !OURS.has(name))) {
          const cell = row[placeOf(column)] ?? '';
          const was = String(lines[index]?.[column] ?? '');
          if (NUMBERS.has(column)) expect(cell).toBe(was);
          else {
            expect(cell).not.toMatch(/^[\t\r\n\0]/);
            for (const part of cell.split(/[,;|\t\r\n]/)) expect(part).not.toMatch(/^[\s\p{C}\p{Z}"]*[=+\-@＝＋－＠]/u);
            expect(readBack(cell)).toBe(was);
            if (cell !== was) armed += 1;
          }
        }
      }
    }),
    { numRuns: 400, seed: 4_180 },
  );
  expect(armed).toBeGreaterThan(1_000);
});

test.each([
  ['too dear;=1+1;', "too dear;'=1+1;"],
  ['too dear, -5', "too dear,' -5"],
  ['too dear|+62', "too dear|'+62"],
  [' \u2003=1', "' \u2003=1"],
  ["'quoted'", "''quoted'"],
  ['it is 3 - 2 = 1; fine', 'it is 3 - 2 = 1; fine'],
])('%j becomes %j, whichever separator the spreadsheet looks for', async (why, cell) => {
  const empty = Object.fromEntries(logColumns.map((column) => [column, null])) as LogLine;
  const [row] = await exported([{ ...empty, at, why }]);
  expect(row?.[placeOf('why')]).toBe(cell);
});
