import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { csvText } from '../../src/flows/views/files/csv.ts';
import type { LogLine } from '../../src/flows/views/log/charge-log.ts';
import { logFileColumns } from '../../src/flows/views/log/file-columns.ts';
import { apiOver } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

// The contract with finance (docs/design.md section 10), to the letter.
const first =
  'entry_id,at,kind,subscription_reference,subscription_id,plan,customer_reference,charge_id,cycle,period_start,' +
  'period_end,attempt,reference_id,channel,amount,currency,money,outcome,failure_code,class,decision,why,' +
  'payment_request_id,payment_id,catalog_version,actor,hash';
const last = 'credit,detail,account';
const columns = `${first},${last}`;
/** What a spreadsheet gets besides stands before what came later: no column of a file ever changes its place. */
const inCsv = `${first},at_local,time_zone,${last}`;
const names = inCsv.split(',');

const world = await testWorld({ at: '2026-01-31T16:00:00Z' });
const api = await apiOver(world.ctx);

type Line = Record<string, string | number | null>;

async function log(query = ''): Promise<readonly Line[]> {
  return (await api.get(`/v1/charge-log?${query}`)).body.data;
}

async function csv(query = ''): Promise<readonly string[][]> {
  return rowsOf((await api.get(`/v1/charge-log?format=csv&${query}`)).text.slice(1));
}

/** RFC 4180, as a spreadsheet reads it. */
function rowsOf(text: string): string[][] {
  const cells = text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/g);
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of cells) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

async function* lines(...given: readonly Line[]): AsyncGenerator<readonly LogLine[]> {
  const none = Object.fromEntries(columns.split(',').map((column) => [column, null]));
  for (const line of given) yield [{ ...none, at: '2026-01-31T16:00:00Z', ...line } as LogLine];
}

const inJakarta = (given: AsyncIterable<readonly LogLine[]>) => csvText(logFileColumns('Asia/Jakarta'), given);

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  return (await Array.fromAsync(chunks)).join('');
}

describe('what happened', () => {
  test('is told in the order in which it happened, with the money that moved', async () => {
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const id = await world.onboard('story');
    await world.liveUntil('2026-02-02T03:00:00Z');
    const told = (await log()).filter((line) => line.subscription_id === id);
    expect(told.map((line) => [line.kind, line.amount, line.money])).toEqual([
      ['subscription.created', 150_000, 0],
      ['token.saved', null, 0],
      ['subscription.active', null, 0],
      ['charge.opened', 150_000, 0],
      ['attempt.sent', 150_000, 0],
      ['attempt.settled', 150_000, 0],
      ['subscription.past_due', expect.anything(), 0],
      ['attempt.sent', 150_000, 0],
      ['attempt.settled', 150_000, 0],
      ['charge.paid', 150_000, 150_000],
      ['subscription.active', expect.anything(), 0],
    ]);
    expect(Object.keys(told[0] ?? {}).join(',')).toBe(columns);
    expect(told.find((line) => line.kind === 'attempt.settled')).toMatchObject({
      cycle: 0,
      period_start: '2026-01-31',
      period_end: '2026-02-27',
      attempt: 1,
      reference_id: `due_${id}_0_1`,
      channel: 'CARDS',
      currency: 'IDR',
      outcome: 'declined',
      failure_code: 'INSUFFICIENT_BALANCE',
      class: 'funds',
      catalog_version: 1,
    });
  });

  test('is the same in CSV, under the columns in their order', async () => {
    const answer = await api.get('/v1/charge-log?format=csv');
    expect(answer.type).toBe('text/csv; charset=utf-8');
    expect(answer.text.split('\n')[0]).toBe(`\ufeff${inCsv}`);
    const [head, ...rows] = await csv();
    expect(head).toEqual(names);
    const both = names.filter((name) => columns.split(',').includes(name));
    const asJson = (await log()).map((line) => both.map((name) => String(line[name] ?? '')));
    expect(rows.map((row) => both.map((name) => row[names.indexOf(name)]))).toEqual(asJson);
  });

  test('stands in CSV with the time of the business beside UTC, and with the mark by which Excel knows UTF-8', async () => {
    const given = lines({ at: '2026-01-31T17:00:00.500Z', customer_reference: 'José' });
    const text = await textOf(inJakarta(given));
    expect(Buffer.from(text).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(text).toMatch(/,2026-02-01 00:00:00,Asia\/Jakarta,,,\n$/);
  });

  test('comes in pages when it is asked to', async () => {
    const whole = await log();
    const seen: Line[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await api.get(`/v1/charge-log?limit=3${next && `&cursor=${next}`}`);
      seen.push(...body.data);
      next = body.next_cursor;
    }
    expect(seen).toEqual(whole);
  });
});

describe('a range', () => {
  test('of dates includes both days, in the zone of the defaults', async () => {
    // 31 January 23:00 in Jakarta; the day ends at 17:00 UTC.
    world.moveTo('2026-03-01T16:59:59.999Z');
    await world.create('last-of-the-day');
    world.moveTo('2026-03-01T17:00:00Z');
    await world.create('first-of-the-next');
    const told = async (query: string) => (await log(query)).map((line) => line.subscription_reference);
    expect(await told('from=2026-03-01&to=2026-03-01')).toEqual(['last-of-the-day']);
    expect(await told('from=2026-03-02&to=2026-03-02')).toEqual(['first-of-the-next']);
    expect(await told('from=2026-03-01&to=2026-03-02')).toEqual(['last-of-the-day', 'first-of-the-next']);
    expect((await csv('from=2026-03-02')).slice(1).map((row) => row[3])).toEqual(['first-of-the-next']);
  });

  test('of instants includes both', async () => {
    const told = async (query: string) => (await log(query)).map((line) => line.subscription_reference);
    expect(await told('from=2026-03-01T17:00:00Z&to=2026-03-01T17:00:00Z')).toEqual(['first-of-the-next']);
    const local = encodeURIComponent('2026-03-01T23:59:59.999+07:00');
    expect(await told(`from=${local}&to=${local}`)).toEqual(['last-of-the-day']);
  });

  test('with nothing in it is empty, and still well-formed', async () => {
    expect(await log('from=2030-01-01')).toEqual([]);
    expect(await csv('from=2030-01-01')).toEqual([inCsv.split(',')]);
  });
});

describe('a cell', () => {
  test.each(['=1+1', '+62812', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '=cmd|" /C calc"!A0'])(
    'that begins like the formula %j is text to a spreadsheet',
    async (why) => {
      const [, row] = rowsOf(await textOf(inJakarta(lines({ why, subscription_reference: why }))));
      expect([row?.[3], row?.[21]]).toEqual([`'${why}`, `'${why}`]);
    },
  );

  test('that is a number stays one, below zero too', async () => {
    const text = await textOf(
      inJakarta(lines({ amount: '-150000', money: '-150000.50', credit: '-0.50', cycle: 0, attempt: 1 })),
    );
    expect(text.split('\n')[1]).toBe(
      ',2026-01-31T16:00:00Z,,,,,,,0,,,1,,,-150000,,-150000.50,,,,,,,,,,,2026-01-31 23:00:00,Asia/Jakarta,-0.50,,',
    );
  });

  test.each(['a,b', 'say "hi"', 'two\nlines', 'two\r\nlines', 'old\rmac', ' spaced ', 'é中', ''])(
    'with %j is read back as it was',
    async (why) => {
      const [, row] = rowsOf(await textOf(inJakarta(lines({ why }))));
      expect(row?.[21]).toBe(why);
      expect(row).toHaveLength(32);
    },
  );
});

test('nothing is read before somebody takes it', async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<readonly LogLine[]> {
    for (;;) {
      read += 1;
      yield* lines({ why: 'on and on' });
    }
  }
  const chunks = inJakarta(endless());
  await chunks.next();
  expect(read).toBe(0);
  await chunks.next();
  expect(read).toBeLessThan(1_000);
  await chunks.return(undefined);
});

test('twenty thousand entries are streamed, in memory that does not grow with them', async () => {
  const id = await world.create('long');
  await world.db.run(sql`insert into ledger (bucket, subscription_id, seq, entry_id, at, kind, subscription_reference,
      plan, amount, currency, money, why, actor, prev_hash, hash)
    select l.bucket, l.subscription_id, l.seq + n, gen_random_uuid(), '2027-01-01T00:00:00Z'::timestamptz
      + (n / 7) * interval '1 millisecond', 'charge.paid', l.subscription_reference, l.plan, 150000, 'IDR', 150000,
      repeat('why ', 50), 'test', l.hash, l.hash
    from ledger l, generate_series(1, 20000) n where l.subscription_id = ${id}::uuid and l.seq = 1`);
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  for (const [format, lineEnds] of [
    ['csv', 20_001],
    ['json', 19_999],
  ] as const) {
    const answer = await fetch(`${url}/v1/charge-log?format=${format}&from=2027-01-01`, {
      headers: { authorization: 'Bearer admin-key-of-the-tests' },
    });
    let found = 0;
    let most = 0;
    const before = process.memoryUsage().heapUsed;
    for await (const chunk of answer.body ?? []) {
      found += chunk.filter((byte: number) => byte === 10).length;
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    expect(found).toBe(lineEnds);
    expect(most / 2 ** 20).toBeLessThan(100);
  }
});
