import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { importStatus } from '../../src/flows/imports/import-status.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { FAILPOINTS } from '../../src/infra/failpoints.ts';
import { answering } from '../support/answering.ts';
import { importing } from '../support/importing.ts';
import { csv, customerId, fileOf, line, tokenOf } from '../support/subscriber-file.ts';
import { testWorld } from '../support/world.ts';

/* The switch looks at each once more, and charges nothing that the other biller may have charged. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { imports, switches, known, rows, states } = importing(world);
beforeEach(() => world.startOver(START));

const many = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function imported(...lines: readonly string[]): Promise<void> {
  known(...many(lines.length));
  expect(await imports(fileOf(csv(...lines)))).toMatchObject({ kind: 'created', rows: lines.length });
}

const bySwitch = async () => (await switches()).map(({ reference, became, why }) => ({ reference, became, why }));

describe('a switch', () => {
  test('takes so many as were asked for, in the order of the file, and the others the next time', async () => {
    await imported(line(1), line(2), line(3));
    expect((await switches(2)).map(({ reference }) => reference)).toEqual(['old-1', 'old-2']);
    expect((await rows()).map(({ status }) => status)).toEqual(['active', 'active', 'paused']);
    expect((await switches(2)).map(({ reference }) => reference)).toEqual(['old-3']);
    expect(await switches()).toEqual([]);
    expect(gateway.sent).toEqual([]);
  });

  test('leaves out what renews within 24 hours, and says so; a limit counts those that were switched', async () => {
    await imported(line(1, { date: '2026-02-01' }), line(2));
    world.moveTo('2026-01-31T02:00:01Z');
    expect(await switches(1)).toMatchObject([
      { reference: 'old-1', became: 'wait', why: expect.stringContaining('within 24 hours') },
      { reference: 'old-2', became: 'switch' },
    ]);
    expect(await states()).toMatchObject([
      { state: 'created', why: expect.stringContaining('24 hours') },
      { state: 'switched' },
    ]);
  });

  test('leaves out whose renewal passed at the other biller: nobody pays it twice, and a person goes on with the next', async () => {
    await imported(line(1, { date: '2026-02-02' }));
    await world.liveUntil('2026-02-03T02:00:00Z');
    expect(await bySwitch()).toMatchObject([{ became: 'wait', why: expect.stringContaining('subscriptions resume') }]);
    const [one] = await rows();
    await resumeSubscription(ctx, one?.id ?? '', { actor: 'product' });
    await world.liveUntil('2026-03-02T02:00:00Z');
    expect(gateway.sent).toMatchObject([{ referenceId: `due_${one?.id}_6_1` }]);
    expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
  });

  test('is followed by no charge for what the other biller collected, though its customer pauses and resumes in that period', async () => {
    await imported(line(1, { date: '2026-02-02' }));
    await world.liveUntil('2026-02-03T02:00:00Z');
    const [one] = await rows();
    await resumeSubscription(ctx, one?.id ?? '', { actor: 'siti' });
    await pauseSubscription(ctx, one?.id ?? '', { actor: 'product' });
    await resumeSubscription(ctx, one?.id ?? '', { actor: 'product' });
    await world.liveUntil('2026-03-02T02:00:00Z');
    expect(gateway.sent).toMatchObject([{ referenceId: `due_${one?.id}_6_1` }]);
  });

  test('leaves out one whose date has come and whom nobody has opened yet', async () => {
    await imported(line(1, { date: '2026-02-02' }));
    world.moveTo('2026-02-02T02:00:00Z');
    expect(await bySwitch()).toMatchObject([{ became: 'wait', why: expect.stringContaining('has passed') }]);
    expect((await rows())[0]).toMatchObject({ status: 'paused' });
  });

  // polar#13721: a customer was moved and subscribed once more by hand, and both were charged.
  test('leaves out whose customer subscribed by hand meanwhile, until one of the two is canceled', async () => {
    await imported(line(1));
    const second = await world.create('by-hand', 'monthly', { customer: { id: customerId(1) } });
    expect(await bySwitch()).toMatchObject([{ became: 'wait', why: expect.stringContaining('by-hand') }]);
    await cancelSubscription(ctx, second, { at: 'now', reason: null, actor: 'product' });
    expect(await bySwitch()).toMatchObject([{ became: 'switch' }]);
  });

  test('leaves out whose customer stands in another file too, which was imported while this one waited to go on', async () => {
    known(1);
    const path = fileOf(csv(line(1)));
    await expect(imports(path, { as: dyingAt('before-creating-imported') })).rejects.toThrow(Killed);
    await imported(line(1, { reference: 'new-1' }));
    expect(await imports(path)).toMatchObject({ kind: 'created' });
    expect((await bySwitch()).map(({ became, why }) => [became, why])).toEqual([
      ['wait', expect.stringContaining('both would be charged')],
      ['wait', expect.stringContaining('both would be charged')],
    ]);
    const [one] = await rows();
    await cancelSubscription(ctx, one?.id ?? '', { at: 'now', reason: null, actor: 'product' });
    expect((await bySwitch()).map(({ became }) => became).toSorted()).toEqual(['leave', 'switch']);
  });

  test('leaves out one whose rows cannot be worked with, with its why, and takes all others; once mended it is taken too', async () => {
    const mend = async () => await world.above('alter table subscriptions drop constraint if exists refused');
    onTestFinished(mend);
    await imported(line(1), line(2), line(3));
    await world.above(
      "alter table subscriptions add constraint refused check (reference_id <> 'old-2' or status <> 'active') not valid",
    );
    expect(await switches()).toMatchObject([
      { reference: 'old-1', became: 'switch' },
      { reference: 'old-2', became: 'wait', why: 'its rows cannot be worked with: the log names the fault' },
      { reference: 'old-3', became: 'switch' },
    ]);
    expect(world.logged).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'subscription cannot be worked with' }),
    );
    expect((await states())[1]).toMatchObject({
      state: 'created',
      why: expect.stringContaining('cannot be worked with'),
    });
    await mend();
    expect(await switches()).toMatchObject([{ reference: 'old-2', became: 'switch' }]);
  });

  test('takes two of one customer that were in the file', async () => {
    await imported(line(1), line(2, { customer: 'person-1', customerId: customerId(1), token: tokenOf(1) }));
    expect(await bySwitch()).toMatchObject([{ became: 'switch' }, { became: 'switch' }]);
  });

  // woocommerce-subscriptions-importer-exporter#216: tokens that were dead by then failed with each renewal.
  test.each(['expired', 'canceled', 'failed', 'pending'] as const)(
    'leaves out whose token is %s at Xendit by now',
    async (status) => {
      await imported(line(1));
      gateway.ends(tokenOf(1), status);
      expect(await bySwitch()).toMatchObject([{ became: 'wait', why: expect.stringContaining(status) }]);
      gateway.ends(tokenOf(1), 'active');
      expect(await bySwitch()).toMatchObject([{ became: 'switch' }]);
    },
  );

  test('knows without asking whose method has ended here, and lets go of who was canceled or resumed by hand', async () => {
    await imported(line(1), line(2), line(3));
    const [, two, three] = await rows();
    await world.ask(sql`update tokens set status = 'expired', ended_reason = 'told', ended_at = ${START}::timestamptz
      where id = (select token_id from subscriptions where reference_id = 'old-1')`);
    await cancelSubscription(ctx, two?.id ?? '', { at: 'now', reason: null, actor: 'product' });
    await resumeSubscription(ctx, three?.id ?? '', { actor: 'product' });
    const token: typeof gateway.token = async () => {
      throw new Error('Nobody has to be asked.');
    };
    expect(await switches(null, answering(ctx, { token }))).toMatchObject([
      { became: 'wait', why: expect.stringContaining('expired') },
      { became: 'leave', why: expect.stringContaining('canceled') },
      { became: 'done', why: expect.stringContaining('by hand') },
    ]);
    expect((await states()).map(({ state }) => state)).toEqual(['created', 'left', 'switched']);
  });

  test('is told by status: how many wait, why, and the next payment of all', async () => {
    await imported(line(1), line(2, { date: '2026-02-05', plan: 'weekly' }), line(3));
    gateway.ends(tokenOf(1), 'expired');
    await switches(1);
    expect(await importStatus(ctx)).toMatchObject([
      {
        file: 'subscribers.csv',
        state: 'created',
        rows: 3,
        by_state: { unknown: 0, good: 0, refused: 0, created: 2, switched: 1, left: 0 },
        whys: [{ state: 'created', count: 1, why: expect.stringContaining('expired at Xendit') }],
        next_payment_at: '2026-02-10T02:00:00Z',
        looked_up_at: null,
        by: 'cli:ani',
      },
    ]);
  });
});

/** The process is gone at the n-th time that it comes by this step. */
class Killed extends Error {}
function dyingAt(step: string, pass = 1): AccountContext {
  let passed = 0;
  return {
    ...ctx,
    failpoint: (point) => {
      passed += Number(point === step);
      if (point === step && passed === pass) throw new Killed(step);
    },
  };
}

const STEPS = [
  'before-writing-lines',
  'before-keeping-looks',
  'after-keeping-looks',
  'before-beginning-to-create',
  'before-creating-imported',
  'after-creating-imported',
  'before-ending-import',
] as const;
const SWITCHING = ['before-switching', 'after-switching', 'after-keeping-switch'] as const;

describe('a process that dies', () => {
  const LINES = many(20);
  const everybodyOnce = async (status: string) => {
    const all = await rows();
    expect(all.map(({ reference_id }) => reference_id).toSorted()).toEqual(LINES.map((n) => `old-${n}`).toSorted());
    expect(new Set(all.map((row) => row.status))).toEqual(new Set([status]));
    expect((await world.told(all[0]?.id ?? '')).filter((kind) => kind === 'subscription.created')).toHaveLength(1);
    expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
  };

  test.each(STEPS)('%s leaves each line done or not done, and the same command does the rest', async (step) => {
    known(...LINES);
    const path = fileOf(csv(...LINES.map((n) => line(n))));
    await expect(imports(path, { as: dyingAt(step) })).rejects.toThrow(Killed);
    const halfway = await states();
    const isThere = new Set((await rows()).map(({ reference_id }) => reference_id));
    expect(isThere.size).toBe(halfway.filter(({ state }) => state === 'created').length);
    expect(await imports(path)).toMatchObject({ kind: 'created', rows: 20, left: [] });
    await everybodyOnce('paused');
    expect(await imports(path)).toMatchObject({ kind: 'nothing_to_do' });
  });

  test.each(SWITCHING)('%s switches each once', async (step) => {
    known(...LINES);
    await imports(fileOf(csv(...LINES.map((n) => line(n)))));
    await expect(switches(null, dyingAt(step, 3))).rejects.toThrow(Killed);
    await switches();
    await everybodyOnce('active');
    expect((await states()).every(({ state }) => state === 'switched')).toBe(true);
    for (const { id } of await rows())
      expect((await world.told(id)).filter((kind) => kind === 'subscription.resumed')).toHaveLength(1);
  });

  test('leaves an import that a dry run does not go on with', async () => {
    known(...LINES);
    const path = fileOf(csv(...LINES.map((n) => line(n))));
    await expect(imports(path, { as: dyingAt('before-creating-imported') })).rejects.toThrow(Killed);
    expect(await imports(path, { dryRun: true })).toMatchObject({ kind: 'under_way', rows: 20 });
    expect(await rows()).toEqual([]);
  });

  test('is followed here at every step that there is', () => {
    const steps = FAILPOINTS.filter((point) => /lines|looks|create|creating|import|switch/.test(point));
    expect([...STEPS, ...SWITCHING].toSorted()).toEqual(steps.toSorted());
  });
});

describe('two at once', () => {
  test('that import the same file create each subscription once', async () => {
    const lines = many(600);
    known(...lines);
    const path = fileOf(csv(...lines.map((n) => line(n))));
    const done = await Promise.all([imports(path), imports(path, { as: world.another() })]);
    for (const one of done) expect(['created', 'nothing_to_do']).toContain(one.kind);
    expect(await rows()).toHaveLength(600);
    expect((await states()).filter(({ state }) => state !== 'created')).toEqual([]);
  });

  test('has nothing to do where the other was done while it looked: the names that are taken are those of its own file', async () => {
    known(1);
    const path = fileOf(csv(line(1)));
    let isFirst = true;
    const now = async () => {
      const wasFirst = isFirst;
      isFirst = false;
      if (wasFirst) await imports(path, { as: world.another() });
      return await ctx.clock.now();
    };
    expect(await imports(path, { as: { ...ctx, clock: { ...ctx.clock, now } } })).toMatchObject({
      kind: 'nothing_to_do',
    });
    expect(await rows()).toHaveLength(1);
  });

  test('that switch switch each once', async () => {
    const lines = many(60);
    known(...lines);
    await imports(fileOf(csv(...lines.map((n) => line(n)))));
    await Promise.all([switches(), switches(null, world.another())]);
    const resumed = await world.ask(sql`select count(*)::int as n from ledger where kind = 'subscription.resumed'`);
    expect(resumed).toEqual([{ n: 60 }]);
  });

  test('two hundred times a switch against a webhook, a cancel or a resume: one state, and one entry for it', async () => {
    const lines = many(200);
    known(...lines);
    await imports(fileOf(csv(...lines.map((n) => line(n)))));
    const all = await rows();
    const other = world.another();
    const deed = async ({ id, reference_id }: (typeof all)[number], index: number) => {
      if (index % 3 === 0) return await cancelSubscription(other, id, { at: 'now', reason: null, actor: 'product' });
      if (index % 3 === 1) return await resumeSubscription(other, id, { actor: 'product' });
      const token = tokenOf(Number(reference_id.slice(4)));
      await world.receives({ event: 'payment_token.expiry', data: { payment_token_id: token, status: 'EXPIRED' } });
    };
    const deeds = async () => {
      for (const [index, one] of all.entries()) await deed(one, index);
      await world.workAs(other);
    };
    await Promise.all([switches(), deeds()]);
    await switches();
    const after = await rows();
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set(['active', 'canceled']));
    const broken = await world.ask(sql`select s.reference_id, count(*)::int as n from subscriptions s
      join ledger l on l.bucket = s.bucket and l.subscription_id = s.id and l.kind = 'subscription.resumed'
      group by s.reference_id having count(*) > 1`);
    expect(broken).toEqual([]);
    expect(gateway.sent).toEqual([]);
    expect((await checkInvariants(ctx)).filter((one) => one.broken > 0)).toEqual([]);
  }, 120_000);
});
