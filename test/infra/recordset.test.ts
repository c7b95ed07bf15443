import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { type Columns, recordset } from '../../src/infra/database/recordset.ts';
import { sql } from '../../src/infra/database/sql.ts';
import { emptyDatabase } from '../support/database.ts';

let db: Database;

beforeAll(async () => {
  db = openDatabase({ url: await emptyDatabase(), poolSize: 1 });
});
afterAll(async () => {
  await db.close();
});

const columns: Columns = {
  id: { key: 'id', type: 'integer' },
  lines: { key: 'lines', type: 'jsonb' },
  detail: { key: 'detail', type: 'text', isJson: true },
  said: { key: 'said', type: 'text' },
};

async function sent(items: readonly object[]): Promise<readonly unknown[]> {
  const beside = { turn: { values: items.map((_, index) => index + 1), type: 'int' } };
  return await db.run(sql`select n.* from ${recordset('n', columns, items, beside)} order by n.turn`);
}

describe('items sent as rows', () => {
  const awkward = ['two\nlines\r\n', 'a "quoted" \\ and {braces}, commas', '', 'null', '\t', '\u2028 \u{1F4B8}'];

  test('come as they are: JSON of any shape and any text, and nulls at every place', async () => {
    const values = [
      null,
      ...awkward,
      [],
      {},
      [awkward, null],
      { [awkward[0] ?? '']: { amount: -10_000 } },
      0,
      false,
      null,
    ];
    const items = values.map((lines, id) => {
      const detail = lines === null ? null : JSON.stringify(lines);
      return { id, lines, detail, said: typeof lines === 'string' ? lines : null };
    });
    expect(await sent(items)).toEqual(items.map((item, index) => ({ turn: index + 1, ...item })));
  });

  test('come also where none has a value', async () => {
    const bare = { id: 1, lines: null, detail: undefined, said: null };
    expect(await sent([bare, bare])).toEqual([1, 2].map((turn) => ({ turn, ...bare, detail: null })));
  });

  test('are refused where JSON that is text already would come as two rows', () => {
    expect(() => recordset('n', columns, [{ id: 1, detail: '{\n}' }])).toThrow('has a line break');
  });
});
