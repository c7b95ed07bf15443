import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { importing } from '../support/importing.ts';
import { COLUMNS, csv, customerId, fileOf, line, tokenOf } from '../support/subscriber-file.ts';
import { testWorld } from '../support/world.ts';

/* What a move from another biller promises: all faults first, then all or nobody, and nothing is charged by it. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { imports, switches, known, rows } = importing(world);
beforeEach(() => world.startOver(START));

describe('a good file', () => {
  test('is there as it was elsewhere: paused, at its own price, in its zone; nothing is charged, whatever falls due', async () => {
    known(1, 2);
    const own = { amount: '120000', zone: 'Asia/Makassar', metadata: '"{""from"":""old""}"' };
    expect(await imports(fileOf(csv(line(1), line(2, own))))).toMatchObject({ kind: 'created', rows: 2, left: [] });
    const [one, two] = await rows();
    expect([one?.status, two?.status]).toEqual(['paused', 'paused']);
    expect(await world.subscription(one?.id ?? '')).toMatchObject({
      price: { amount: 150_000 },
      time_zone: 'Asia/Jakarta',
    });
    expect(await world.subscription(two?.id ?? '')).toMatchObject({
      reference_id: 'old-2',
      customer: { reference_id: 'person-2', xendit_customer_id: customerId(2) },
      price: { amount: 120_000, currency: 'IDR' },
      time_zone: 'Asia/Makassar',
      metadata: { from: 'old' },
    });
    await world.liveUntil('2026-04-01T00:00:00Z');
    expect(gateway.sent).toEqual([]);
    expect((await world.charges(one?.id ?? '')).map(({ status }) => status)).toEqual(['void', 'void']);
    expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
  });

  test('lets its customers in until the day that they paid for elsewhere', async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    const [one] = await rows();
    const access = async () => (await world.subscription(one?.id ?? '')).access;
    expect(await access()).toMatchObject({ allowed: true, until: '2026-02-10T02:00:00Z' });
    world.moveTo('2026-02-10T02:00:00Z');
    expect(await access()).toMatchObject({ allowed: false });
  });

  test('is charged next with the number of the file, on the date of the file in its zone, once it is switched', async () => {
    known(1);
    await imports(fileOf(csv(line(1, { zone: 'Asia/Jayapura', amount: '99000' }))));
    expect(await switches()).toMatchObject([
      { line: 2, reference: 'old-1', became: 'switch', next_at: '2026-02-10T00:00:00Z' },
    ]);
    await world.work();
    expect(gateway.sent).toEqual([]);
    const [one] = await rows();
    await world.liveUntil('2026-03-10T00:00:00Z');
    const charges = (await world.charges(one?.id ?? '')).toSorted((a, b) => Number(a.cycle) - Number(b.cycle));
    expect(charges).toMatchObject([
      { cycle: 5, due_at: '2026-02-10T00:00:00Z', status: 'paid', amount: 99_000 },
      { cycle: 6, due_at: '2026-03-10T00:00:00Z', status: 'paid', amount: 99_000 },
    ]);
    expect(gateway.sent).toMatchObject([
      { referenceId: `due_${one?.id}_5_1`, tokenId: tokenOf(1) },
      { referenceId: `due_${one?.id}_6_1`, tokenId: tokenOf(1) },
    ]);
    expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
  });

  test('counts on from the day of the file, which is the anchor from then on', async () => {
    known(1);
    await imports(fileOf(csv(line(1, { date: '2026-02-28', cycle: '1' }))));
    world.moveTo('2026-02-01T00:00:00Z');
    await switches();
    await world.liveUntil('2026-03-28T02:00:00Z');
    const [one] = await rows();
    expect((await world.charges(one?.id ?? '')).map(({ period }) => period.start).toSorted()).toEqual([
      '2026-02-28',
      '2026-03-28',
    ]);
  });

  test('ends where its plan does, by the number of the file', async () => {
    known(1);
    await imports(fileOf(csv(line(1, { plan: 'three', cycle: '2' }))));
    await switches();
    await world.liveUntil('2026-05-01T02:00:00Z');
    const [one] = await rows();
    expect(one).toMatchObject({ status: 'ended' });
    expect((await world.charges(one?.id ?? '')).map(({ cycle }) => cycle)).toEqual([2]);
  });

  test('says in the ledger from which file and line each came, and by whom', async () => {
    known(1);
    await imports(fileOf(csv(line(1)), 'from-stripe.csv'));
    await switches();
    const told = await world.ask(sql`select kind, why, actor, detail from ledger order by seq`);
    expect(told).toMatchObject([
      {
        kind: 'subscription.created',
        why: 'imported from from-stripe.csv, line 2: cycle 5 is the next to be charged, on 2026-02-10',
        actor: 'cli:ani',
        detail: expect.stringContaining('"next_payment_date":"2026-02-10"'),
      },
      { kind: 'token.saved', why: expect.stringContaining('imported from from-stripe.csv, line 2'), actor: 'cli:ani' },
      { kind: 'subscription.paused', why: expect.stringContaining('dueday import switch'), actor: 'cli:ani' },
      { kind: 'subscription.resumed', why: expect.stringContaining('from-stripe.csv, line 2'), actor: 'cli:ani' },
    ]);
  });

  test('keeps no token where it does not belong: sealed among the methods, and no trace at its line', async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    expect(await world.ask(sql`select method, token_index from import_rows`)).toEqual([
      { method: null, token_index: null },
    ]);
    const [token] = await world.ask<{ token_id: string }>(sql`select token_id from tokens`);
    expect(token?.token_id).toMatch(/^due1:/);
  });

  test('may begin with a byte order mark, have its columns in any order, and more lines than are read at once', async () => {
    const lines = Array.from({ length: 600 }, (_, index) => index + 1);
    known(...lines);
    const turned = (text: string) => text.split(',').toReversed().join(',');
    const text = [COLUMNS, ...lines.map((n) => line(n))].map(turned).join('\r\n');
    expect(await imports(fileOf(`\ufeff${text}\r\n`))).toMatchObject({ kind: 'created', rows: 600 });
    expect(await rows()).toHaveLength(600);
  });

  test('may end without a line break, unless its last value may be cut off', async () => {
    known(1, 2);
    const names = COLUMNS.replace(',time_zone,metadata', '');
    const lines = [1, 2].map((n) => line(n, { amount: '150000' }).slice(0, -',,'.length));
    expect(await imports(fileOf([names, ...lines].join('\n')))).toMatchObject({
      kind: 'faults',
      faults: [{ line: 3, column: 'amount' }],
    });
    expect(await imports(fileOf(csv(line(1), line(2)).trimEnd()))).toMatchObject({ kind: 'created', rows: 2 });
  });

  test('may have a customer in several lines, and one that is known already', async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    known(2);
    const [weekly, yearly] = [{ plan: 'weekly', date: '2026-02-05' }, { plan: 'yearly' }];
    const theirs = (n: number) => ({ customer: `person-${n}`, customerId: customerId(n), token: tokenOf(n) });
    const path = fileOf(
      csv(
        ...[1, 2].flatMap((n) => [
          line(`${n}w`, { ...theirs(n), ...weekly }),
          line(`${n}y`, { ...theirs(n), ...yearly }),
        ]),
      ),
    );
    expect(await imports(path)).toMatchObject({ kind: 'created', rows: 4 });
    expect(await rows()).toHaveLength(5);
    expect(await world.ask(sql`select reference_id from customers order by 1`)).toEqual([
      { reference_id: 'person-1' },
      { reference_id: 'person-2' },
    ]);
  });
});
