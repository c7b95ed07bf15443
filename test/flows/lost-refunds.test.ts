import { beforeEach, describe, expect, test } from 'vitest';
import { approveRefund, withdrawRefund } from '../../src/flows/refunds/decide-refund.ts';
import { workRefunds } from '../../src/flows/refunds/work-refunds.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { refundingIn } from '../support/refunding.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { paid, asks, all, ends, whole, moved } = refundingIn(world);

beforeEach(() => world.startOver(start));

const part = { amount: 50_000 };
const silent = { kind: 'silent', detail: 'no whole answer within 30000 ms' } as const;
const refused = (status: number, code: string) =>
  ({ kind: 'refused', status, code, message: '', retryAfterSeconds: null }) as const;
const later = (duration: Temporal.DurationLike) => world.liveUntil(world.now().add(duration).toString());
const open = async () => await openFindings(ctx.db, ctx.buckets, ['unknown_refund'], 10);
const budi = { actor: 'api:finance:budi', reason: 'looked in the dashboard' };

describe('a refund that Xendit did not answer', () => {
  test('is found under its reference where Xendit has it, and never sent again', async () => {
    const { subscription, charge } = await paid();
    gateway.refundSays(silent, true);
    await asks(charge, part);
    await world.work();
    expect(await all()).toMatchObject([{ state: 'unknown', refundId: null }]);
    await later({ minutes: 1 });
    expect(await all()).toMatchObject([{ state: 'pending', refundId: [...gateway.refundsThere.keys()][0] }]);
    await ends('succeeded');
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    await whole();
  });

  test('is looked for for a month where Xendit does not show it; a person is told after a day', async () => {
    const { charge } = await paid();
    gateway.refundSays(silent, false);
    await asks(charge, part);
    await world.work();
    await later({ hours: 20 });
    expect(await open()).toEqual([]);
    await later({ hours: 12 });
    expect(await open()).toMatchObject([{ kind: 'unknown_refund', chargeId: charge }]);
    await world.liveUntil('2026-04-05T02:00:00Z');
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await all()).toMatchObject([{ state: 'unknown' }]);
    expect(world.logged.filter(({ event }) => event === 'refund is lost from sight')).toHaveLength(1);
  });

  test('is withdrawn by a person who looked, and another one has another name', async () => {
    const { subscription, charge } = await paid();
    gateway.refundSays(silent, false);
    const first = await asks(charge, part);
    await later({ hours: 32 });
    expect(await withdrawRefund(ctx, first.id, budi)).toMatchObject({ kind: 'decided' });
    expect(await open()).toEqual([]);
    await asks(charge, part);
    await world.work();
    await ends('succeeded');
    expect(gateway.refundsAsked.map(({ referenceId }) => referenceId)).toEqual(
      [1, 2].map((n) => `due_${subscription}_r${n}`),
    );
    await whole();
  });

  test('and that was withdrawn although Xendit had it is in the books once its webhook comes', async () => {
    const { subscription, charge } = await paid();
    gateway.refundSays(silent, true);
    const refund = await asks(charge, part);
    await workRefunds(ctx);
    expect(await withdrawRefund(ctx, refund.id, budi)).toMatchObject({ kind: 'refused' });
    world.moveTo('2026-03-03T02:00:00Z');
    expect(await withdrawRefund(ctx, refund.id, budi)).toMatchObject({ kind: 'decided' });
    await ends('succeeded');
    expect(await all()).toMatchObject([{ state: 'succeeded' }]);
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    await whole();
  });
});

describe('a daemon that dies while it gives money back', () => {
  test.each(['before-refund-claim', 'after-refund-claim', 'after-refund-answer', 'after-refund-settle'] as const)(
    '%s: Xendit is asked for it once, and it ends',
    async (point) => {
      const { subscription, charge } = await paid();
      await asks(charge, part);
      const dies = (passed: string) => {
        if (passed === point) throw new Error('dies');
      };
      const dead = { ...ctx, failpoint: dies, log: world.another().log };
      await workRefunds(dead);
      await later({ hours: 1 });
      const [id] = gateway.refundsThere.keys();
      const isThere = id !== undefined;
      expect(gateway.refundsAsked).toHaveLength(isThere ? 1 : 0);
      expect(await all()).toMatchObject([{ state: isThere ? 'pending' : 'unknown' }]);
      if (isThere) await ends('succeeded');
      expect(await world.charge(subscription)).toMatchObject({ refunded: isThere ? 50_000 : 0 });
      await whole();
    },
  );
});

describe('what Xendit refuses', () => {
  test('for want of balance waits for a person, and is tried again when they say so', async () => {
    const { charge } = await paid();
    gateway.refundSays(refused(400, 'INSUFFICIENT_BALANCE'));
    const refund = await asks(charge, part);
    await later({ hours: 72 });
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await all()).toMatchObject([{ state: 'approved', why: expect.stringContaining('top it up') }]);
    expect(world.logged.filter(({ event }) => event === 'refund waits for a person')).toHaveLength(1);
    expect(await approveRefund(ctx, refund.id, budi)).toMatchObject({ kind: 'decided' });
    await world.work();
    await ends('succeeded');
    expect(gateway.refundsAsked).toHaveLength(2);
    await whole();
  });

  test.each([
    [400, 'REFUND_IN_PROGRESS'],
    [429, 'RATE_LIMIT_EXCEEDED'],
    [503, 'GATEWAY_UNREACHABLE'],
  ])(
    'for now (%s %s) is tried again later, less and less often, and is left to a person after a week',
    async (status, code) => {
      const { charge } = await paid();
      const no = Array.from({ length: 60 }, () => refused(status, code));
      for (const one of no) gateway.refundSays(one);
      await asks(charge, part);
      await later({ minutes: 4 });
      expect(gateway.refundsAsked).toHaveLength(1);
      await later({ minutes: 1 });
      expect(gateway.refundsAsked).toHaveLength(2);
      await later({ hours: 24 * 9 });
      const tries = gateway.refundsAsked.length;
      expect(tries).toBeLessThan(50);
      await later({ hours: 24 * 9 });
      expect(gateway.refundsAsked).toHaveLength(tries);
      expect(world.logged.filter(({ event }) => event === 'refund waits for a person')).toHaveLength(1);
    },
  );

  test.each(['REFUND_NOT_SUPPORTED', 'REFUND_AMOUNT_EXCEEDED', 'INELIGIBLE_TRANSACTION_STATUS', 'SOMETHING_NEW'])(
    'for good (%s) has failed, and the payment is free again',
    async (code) => {
      const { subscription, charge } = await paid();
      gateway.refundSays(refused(400, code));
      await asks(charge, part);
      await world.work();
      expect(await all()).toMatchObject([{ state: 'failed' }]);
      expect((await moved(subscription)).at(-1)).toEqual({ kind: 'refund.failed', money: 0, outcome: 'refused' });
      expect(await asks(charge, part)).toMatchObject({ state: 'approved' });
      await whole();
    },
  );
});

describe('where rows may have been lost since it was approved', () => {
  test('Xendit is asked first, and one that it has is not sent again', async () => {
    const { charge } = await paid();
    await asks(charge, part);
    await world.work();
    await world.above(
      `update refunds set state = 'approved', refund_id = null, sent_at = null, next_at = asked_at, asks = 0`,
    );
    await world.above(`update charging set ask_since = '2026-03-02T02:00:00Z'`);
    await world.work();
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await all()).toMatchObject([{ state: 'pending' }]);
  });

  test('one that Xendit does not have is sent', async () => {
    const { charge } = await paid();
    await asks(charge, part);
    await world.above(`update charging set ask_since = '2026-03-02T02:00:00Z'`);
    await later({ minutes: 59 });
    expect(gateway.refundsAsked).toEqual([]);
    await later({ minutes: 1 });
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await all()).toMatchObject([{ state: 'pending' }]);
  });

  test('one that is approved anew is asked about as well: what was sent before may be lost with its rows', async () => {
    const { charge } = await paid();
    const refund = await asks(charge, part);
    await world.work();
    await world.above(
      `update refunds set state = 'approved', refund_id = null, sent_at = null, next_at = null, asks = 0`,
    );
    await world.above(`update charging set ask_since = '2026-03-02T02:00:00Z'`);
    world.moveTo('2026-03-02T05:00:00Z');
    expect(await approveRefund(ctx, refund.id, budi)).toMatchObject({ kind: 'decided' });
    await world.work();
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await all()).toMatchObject([{ state: 'pending' }]);
  });
});

describe('between the look at a refund and what is written of it', () => {
  /** Somebody else is faster, between the two reads of whoever looks at it now. */
  function overtaken(by: () => Promise<unknown>): typeof ctx {
    let isDone = false;
    const run = async (...given: Parameters<typeof ctx.db.read>) => {
      if (!isDone) {
        isDone = true;
        await by();
      }
      return await ctx.db.read(...given);
    };
    return { ...ctx, db: { ...ctx.db, read: run as typeof ctx.db.read } };
  }

  test('another daemon sends it: it is sent once', async () => {
    const { charge } = await paid();
    await asks(charge, part);
    await workRefunds(overtaken(() => workRefunds(world.another())));
    expect(gateway.refundsAsked).toHaveLength(1);
    expect(await all()).toMatchObject([{ state: 'pending' }]);
  });

  test('a person withdraws it: it is not sent', async () => {
    const { charge } = await paid();
    const refund = await asks(charge, part);
    await workRefunds(overtaken(() => withdrawRefund(world.another(), refund.id, budi)));
    expect(gateway.refundsAsked).toEqual([]);
    expect(await all()).toMatchObject([{ state: 'withdrawn' }]);
  });

  test('another daemon settles it: it is counted once', async () => {
    const { subscription, charge } = await paid();
    await asks(charge, part);
    await world.work();
    const [id = ''] = gateway.refundsThere.keys();
    gateway.refundEnds(id, 'succeeded');
    world.moveTo('2026-03-02T03:00:00Z');
    await workRefunds(overtaken(() => workRefunds(world.another())));
    expect(await world.charge(subscription)).toMatchObject({ refunded: 50_000 });
    await whole();
  });

  test('another daemon finds it at Xendit: whoever withdraws it is told, and it stays pending', async () => {
    const { charge } = await paid();
    gateway.refundSays(silent, true);
    const refund = await asks(charge, part);
    await workRefunds(ctx);
    world.moveTo('2026-03-03T03:00:00Z');
    const late = overtaken(() => workRefunds(world.another()));
    expect(await withdrawRefund(late, refund.id, budi)).toMatchObject({ kind: 'refused' });
    expect(await all()).toMatchObject([{ state: 'pending' }]);
  });
});
