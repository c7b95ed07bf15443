import { writeFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { importStatus } from '../../src/flows/imports/import-status.ts';
import { NoAnswer } from '../../src/flows/imports/token-look.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { importing } from '../support/importing.ts';
import { COLUMNS, csv, customerId, fileOf, line, tokenOf } from '../support/subscriber-file.ts';
import { testWorld } from '../support/world.ts';

/* What a move from another biller promises: all faults first, then all or nobody, and nothing is charged by it. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { imports, switches, known, rows, states } = importing(world);
beforeEach(() => world.startOver(START));

/** How often Xendit was asked about each token. */
function counting(): { readonly as: Context; readonly asked: string[] } {
  const asked: string[] = [];
  const token: typeof gateway.token = async (id) => {
    asked.push(id);
    return await gateway.token(id);
  };
  return { as: { ...ctx, gateway: { ...gateway, token } }, asked };
}

const nothingStored = async () => {
  expect(await rows()).toEqual([]);
  expect(
    await world.ask(sql`select 1 from customers union all select 1 from tokens union all select 1 from names`),
  ).toEqual([]);
};

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

describe('the same file again', () => {
  test('has nothing to do, and asks nobody anything', async () => {
    known(1);
    const path = fileOf(csv(line(1)));
    await imports(path);
    const { as, asked } = counting();
    expect(await imports(path, { as })).toMatchObject({ kind: 'nothing_to_do' });
    expect(asked).toEqual([]);
    expect(await rows()).toHaveLength(1);
  });

  test('after a dry run creates what that has seen, and asks about no token twice', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    const { as, asked } = counting();
    expect(await imports(path, { dryRun: true, as })).toMatchObject({ kind: 'checked', rows: 2 });
    await nothingStored();
    expect(await imports(path, { as })).toMatchObject({ kind: 'created' });
    expect(asked).toHaveLength(2);
  });

  test('asks anew a day later', async () => {
    known(1);
    const path = fileOf(csv(line(1)));
    const { as, asked } = counting();
    await imports(path, { dryRun: true, as });
    world.moveTo('2026-02-01T03:00:00Z');
    gateway.ends(tokenOf(1), 'expired');
    expect(await imports(path, { as })).toMatchObject({ kind: 'refused' });
    expect(asked).toHaveLength(2);
    await nothingStored();
  });

  test('is created once its tokens are good', async () => {
    const path = fileOf(csv(line(1)));
    expect(await imports(path)).toMatchObject({ kind: 'refused' });
    known(1);
    expect(await imports(path)).toMatchObject({ kind: 'created' });
  });
});

describe('another file, with one line mended', () => {
  test('asks only about the token that was not known', async () => {
    known(1, 2);
    const { as, asked } = counting();
    expect(await imports(fileOf(csv(line(1), line(2, { token: tokenOf(9) }))), { as })).toMatchObject({
      kind: 'refused',
    });
    asked.length = 0;
    expect(await imports(fileOf(csv(line(1), line(2))), { as })).toMatchObject({ kind: 'created', rows: 2 });
    expect(asked).toEqual([tokenOf(2)]);
  });
});

describe('tokens that cannot be charged', () => {
  const recurring = { cardOnFileType: 'RECURRING', recurringFrequency: 1, recurringExpiry: '2030-01-01' };
  test.for<[string, Parameters<typeof gateway.knows>[0] | null, string, object?]>([
    ['unknown to Xendit', null, 'does not know'],
    ['dead', { tokenId: tokenOf(1), status: 'expired' }, 'has ended (expired)'],
    ['canceled', { tokenId: tokenOf(1), status: 'canceled' }, 'has ended (canceled)'],
    ['not confirmed', { tokenId: tokenOf(1), status: 'pending' }, 'not confirmed'],
    ['of another customer', { tokenId: tokenOf(1), customerId: customerId(7) }, 'another customer'],
    ['of another country', { tokenId: tokenOf(1), country: 'PH' }, 'a method of PH'],
    ['in another currency', { tokenId: tokenOf(1), currency: 'PHP' }, 'pays in PHP'],
    [
      'of a channel that asks each time',
      { tokenId: tokenOf(1), channelCode: 'NEXCASH' },
      'asks its customer each time',
    ],
    [
      'of a channel that takes less',
      { tokenId: tokenOf(1), channelCode: 'OVO' },
      'the price',
      { amount: '90000000000' },
    ],
    [
      'saved for what the customer does',
      { tokenId: tokenOf(1), echo: { ...recurring, cardOnFileType: 'CUSTOMER_UNSCHEDULED' } },
      'CUSTOMER_UNSCHEDULED',
    ],
    ['too slow for the plan', { tokenId: tokenOf(1), echo: { ...recurring, recurringFrequency: 30 } }, '30 days apart'],
    [
      'ended before the next payment',
      { tokenId: tokenOf(1), echo: { ...recurring, recurringExpiry: '2026-02-09' } },
      'until 2026-02-09',
    ],
  ])('%s: the line says so, and nobody of the file is created', async ([, token, why, more = {}]) => {
    known(2);
    if (token !== null) gateway.knows({ customerId: customerId(1), ...token });
    const done = await imports(fileOf(csv(line(1, more), line(2))));
    expect(done).toMatchObject({ kind: 'refused', left: [{ line: 2, why: expect.stringContaining(why) }] });
    await nothingStored();
  });

  test('of an earlier line with another customer: the line says so, also where Xendit does not say whose a token is', async () => {
    gateway.knows({ tokenId: tokenOf(1), customerId: null });
    const path = fileOf(csv(line(1), line(2, { token: tokenOf(1) }), line(3, { reference: 'other' })));
    expect(await imports(path)).toMatchObject({
      kind: 'faults',
      faults: [{ line: 3, column: 'payment_token_id', message: expect.stringContaining('person-1') }],
    });
    await nothingStored();
  });

  test('are all told, not the first alone', async () => {
    const done = await imports(fileOf(csv(line(1), line(2), line(3))));
    expect(done.kind === 'refused' ? done.left.map((row) => row.line) : []).toEqual([2, 3, 4]);
  });
});

describe('what the books have already', () => {
  test('a reference of another subscription, and a customer who would be charged twice', async () => {
    const id = await world.onboard('old-1', 'monthly');
    const [person] = await world.ask<{ reference_id: string; xendit_id: string }>(
      sql`select reference_id, xendit_id from customers`,
    );
    const path = fileOf(csv(line(1), line(2, { customer: person?.reference_id ?? '' })));
    const done = await imports(path);
    expect(done).toMatchObject({
      kind: 'faults',
      faults: [
        { line: 2, column: 'reference_id', message: expect.stringContaining(id) },
        { line: 3, column: expect.stringMatching(/^customer_/) },
      ],
    });
  });

  test('a subscription of the same plan that goes on: who is here already is not moved (charged by both)', async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    const again = line(2, { customer: 'person-1', customerId: customerId(1), token: tokenOf(1) });
    expect(await imports(fileOf(csv(again)))).toMatchObject({
      kind: 'faults',
      faults: [{ line: 2, column: 'customer_reference', message: expect.stringContaining('charged twice') }],
    });
    const [one] = await rows();
    await cancelSubscription(ctx, one?.id ?? '', { at: 'now', reason: null, actor: 'product' });
    expect(await imports(fileOf(csv(again)))).toMatchObject({ kind: 'created' });
  });

  test("Xendit's id of another customer, both ways", async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    const swapped = [
      line(2, { customer: 'person-1', plan: 'weekly' }),
      line(3, { customerId: customerId(1), plan: 'weekly' }),
    ];
    expect(
      await imports(fileOf(csv(...swapped.map((text) => text.replaceAll('2026-02-10', '2026-02-05'))))),
    ).toMatchObject({
      kind: 'faults',
      faults: [
        { line: 2, column: 'customer_id' },
        { line: 3, column: 'customer_reference' },
      ],
    });
  });
});

describe('Xendit that is busy, or silent', () => {
  test('is asked within the pace that all share, and the command waits for its turn', async () => {
    known(1, 2, 3);
    const slept: number[] = [];
    const as = {
      ...ctx,
      requestsPerMinute: 2,
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
        await world.ask(sql`update pace set at = '{}', permits = '{}'`);
      },
    };
    expect(await imports(fileOf(csv(line(1), line(2), line(3))), { as })).toMatchObject({ kind: 'created', rows: 3 });
    expect(slept.length).toBeGreaterThan(0);
    expect(Math.min(...slept)).toBeGreaterThanOrEqual(1_000);
  });

  test('ends the command after a few silences; what it said before is kept, and nobody was created', async () => {
    known(1, 2);
    const { as, asked } = counting();
    const path = fileOf(csv(...Array.from({ length: 20 }, (_, index) => line(index + 1))));
    known(...Array.from({ length: 20 }, (_, index) => index + 1));
    const token: typeof gateway.token = async (id) =>
      id === tokenOf(20) ? { kind: 'silent', detail: 'no answer' } : await as.gateway.token(id);
    await expect(imports(path, { as: { ...as, gateway: { ...as.gateway, token } } })).rejects.toThrow(NoAnswer);
    await nothingStored();
    const before = asked.length;
    expect(await imports(path, { as })).toMatchObject({ kind: 'created', rows: 20 });
    expect(asked.length - before).toBe(4);
  });

  test('status says how long the look-ups that are left will take', async () => {
    const token: typeof gateway.token = async () => ({ kind: 'silent', detail: 'no answer' });
    await imports(fileOf(csv(line(1), line(2))), { as: { ...ctx, gateway: { ...gateway, token } } }).catch(
      () => undefined,
    );
    expect(await importStatus({ ...ctx, requestsPerMinute: 2 })).toMatchObject([
      { state: 'checking', rows: 2, by_state: { unknown: 2 }, looked_up_at: '2026-01-31T02:02:00Z', by: 'cli:ani' },
    ]);
  });
});

describe('what changed while Xendit was asked', () => {
  test('refuses the file: a date has passed', async () => {
    known(1);
    const token: typeof gateway.token = async (id) => {
      world.moveTo('2026-02-10T02:00:00Z');
      return await gateway.token(id);
    };
    const done = await imports(fileOf(csv(line(1))), { as: { ...ctx, gateway: { ...gateway, token } } });
    expect(done).toMatchObject({ kind: 'faults', faults: [{ line: 2, column: 'next_payment_date' }] });
    await nothingStored();
  });

  test('leaves one line out, and says why: a name that somebody took while the others were created', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    let isTaken = false;
    const as: Context = {
      ...ctx,
      clock: {
        ...ctx.clock,
        now: async () => {
          const [row] = await world.ask<{ state: string }>(sql`select state from imports`);
          if (row?.state === 'creating' && !isTaken) {
            isTaken = true;
            await world.create('old-1', 'weekly');
          }
          return await ctx.clock.now();
        },
      },
    };
    const done = await imports(path, { as });
    expect(done).toMatchObject({ kind: 'created', left: [{ line: 2, why: expect.stringContaining('reference_id') }] });
    expect(await states()).toMatchObject([{ state: 'left' }, { state: 'created' }]);
  });

  test('creates nobody from a file that somebody wrote anew while Xendit was asked', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    const token: typeof gateway.token = async (id) => {
      writeFileSync(path, csv(line(2), line(1)));
      return await gateway.token(id);
    };
    const done = await imports(path, { as: { ...ctx, gateway: { ...gateway, token } } });
    expect(done).toMatchObject({ kind: 'faults', faults: [{ line: 1, message: expect.stringContaining('changed') }] });
    await nothingStored();
  });

  test('leaves out a line that is another one than Xendit was asked about: nobody is charged by the method of another', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    const as: Context = {
      ...ctx,
      failpoint: (point) => {
        if (point === 'before-beginning-to-create') writeFileSync(path, csv(line(1, { token: tokenOf(2) }), line(2)));
      },
    };
    expect(await imports(path, { as })).toMatchObject({
      kind: 'created',
      left: [{ line: 2, why: expect.stringContaining('changed') }],
    });
    expect((await rows()).map(({ reference_id }) => reference_id)).toEqual(['old-2']);
  });
});
