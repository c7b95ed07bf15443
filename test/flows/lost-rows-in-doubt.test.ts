import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { retryCharge } from '../../src/flows/charges/change-charge.ts';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { askAboutLost } from '../../src/flows/rescue/ask-about-lost.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import type { BooksPage } from '../../src/infra/gateway/gateway.ts';
import { losing, unsent } from '../support/losing.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { brokenLink, expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { lost, keep, lose, lapse, references, onWallet } = losing(world);
const other = world.another();
/** Xendit dates its list in real time: by a test clock nothing is found there. */
const inRealTime = { ...ctx, clock: { ...ctx.clock, kind: 'system' } } as const;
beforeEach(() => world.startOver(start));

const pending = { kind: 'pending', paymentRequestId: 'pr-in-flight', paymentId: null } as const;
const forbidden = { kind: 'refused', status: 403, code: 'X', message: '', retryAfterSeconds: null } as const;
const ok = (value: BooksPage) => ({ kind: 'ok', value }) as const;
const page = (next: string) => ok({ payments: [], unreadable: 0, next });
const die = (): never => {
  throw new Error('The process died here.');
};

describe('after a failover that lost rows', () => {
  test('a card request that Xendit never took is not repeated when a later one, whose row was lost, was taken', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      // The last thing that the standby hears of.
      await keep();
      return unsent;
    }, succeeded());
    await world.work();
    expect(references()).toEqual([`due_${id}_0_2`]);
    await lose();
    await lapse();
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_2`]);
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [
        { outcome: 'refused', failure_code: 'NEVER_TAKEN' },
        { number: 2, outcome: 'succeeded' },
      ],
    });
    await expectSound(world);
  });

  test('nor when the daemon that had found this out died before it was settled', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unsent, succeeded());
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    const dying = { ...ctx, failpoint: (name: string) => (name === 'before-settle' ? die() : undefined) };
    world.moveTo('2026-01-31T02:05:00Z');
    await world.workAs(dying);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ number: 1, outcome: null }] });
    await lapse();
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_2`]);
    await expectSound(world);
  });

  test('one that Xendit has in flight is waited for', async () => {
    const id = await onWallet('order-1');
    gateway.script(pending);
    await lost(() => world.work());
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: pending });
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'pending' }] });
  });

  test('absence is believed after five minutes only: until then the attempt may be on its way', async () => {
    const id = await onWallet('order-1');
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    await world.work();
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-01-31T02:05:00Z' });
    await world.liveUntil('2026-01-31T02:04:59Z');
    expect(gateway.sent).toEqual([]);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    await expectSound(world);
  });

  test('what appears at Xendit within those minutes is found', async () => {
    const id = await onWallet('order-1');
    await lost(() => world.work());
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    await armCharging(ctx, null, siti);
    await world.work();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('an answer that does not come proves nothing: it is asked again, and not tried', async () => {
    const id = await onWallet('order-1');
    await lost(() => world.work());
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'HTTP 503' });
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'due', note: expect.stringContaining('HTTP 503') });
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T03:06:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(gateway.sent).toHaveLength(1);
  });

  test.each([
    ['one look-up a charge and one list for all of them', [], 1],
    ['five look-ups a charge where Xendit does not show its list', [forbidden], 5],
    ['five where the list holds what cannot be read', [ok({ payments: [], unreadable: 1, next: null })], 5],
    ['five where the list is longer than the charges are many', [page('txn-1'), page('txn-2'), page('txn-3')], 5],
  ])('charges of which nothing is known cost %s', async (_, answers, most) => {
    for (const name of ['order-1', 'order-2', 'order-3']) await onWallet(name);
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    gateway.booksSay(...answers);
    await openCharges(ctx, world.now());
    await askAboutLost(inRealTime);
    expect(gateway.asked).toHaveLength(3 * most);
    expect(gateway.reads.length).toBeLessThanOrEqual(3);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(references()).toHaveLength(3);
  });

  test('one that Xendit took is found in its list behind those that it never took', async () => {
    const id = await onWallet('order-1');
    gateway.script(unsent, unsent, succeeded());
    await lost(() => world.liveUntil('2026-01-31T02:10:00Z'));
    await armCharging(ctx, null, siti);
    await openCharges(ctx, world.now());
    await askAboutLost(inRealTime);
    expect(gateway.asked).toEqual([`due_${id}_0_1`, `due_${id}_0_3`]);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references()).toEqual([`due_${id}_0_3`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
  });

  test('three replicas that ask at the same time share the charges and the pace', async () => {
    for (let n = 0; n < 12; n += 1) await onWallet(`order-${n}`);
    await world.ask(sql`update charging set stopped_at = now(), reason = 'not yet'`);
    await world.work();
    await world.ask(sql`update charging set stopped_at = null, reason = null`);
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    world.moveTo('2026-01-31T02:06:00Z');
    // A minute that has to be waited for is over at once.
    const sleep = async () => {
      await world.ask(sql`update pace set at = array(select u - interval '63 seconds' from unnest(at) as u)`);
    };
    const paced = Array.from({ length: 3 }, () => world.another({ requestsPerMinute: 15, sleep }));
    await Promise.all(paced.map((daemon) => askAboutLost(daemon)));
    // Five references of each, all of them unknown to Xendit. Each replica by itself would ask for all of them.
    expect(new Set(gateway.asked).size).toBe(60);
    expect(gateway.asked.length).toBeLessThan(2 * 60);
  });

  test('a charge that a person has tried at once is asked about first as well', async () => {
    const id = await onWallet('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    const { id: charge } = await world.charge(id);
    world.moveTo('2026-02-01T03:00:00Z');
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    await retryCharge(ctx, charge, { actor: 'key:admin', reason: null });
    await world.work();
    expect(references()).toEqual([`due_${id}_0_2`]);
  });

  test('what falls due after arming is not asked about', async () => {
    const id = await onWallet('order-1');
    await world.work();
    await lost(async () => undefined);
    await armCharging(ctx, null, siti);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(references()).toEqual([`due_${id}_0_1`, `due_${id}_1_1`]);
    expect(gateway.asked).toEqual([]);
  });

  test('an answer that comes to a server without the attempt leaves its history alone, however long that grew', async () => {
    const id = await onWallet('order-1');
    await keep();
    gateway.script(async () => {
      await lose();
      // As many entries as were lost: opened and attempted there, opened and paused here.
      await world.workAs(other);
      await pauseSubscription(other, id, { actor: 'key:admin' });
      return succeeded();
    });
    await world.work();
    expect(await world.told(id)).not.toContain('charge.paid');
    expect(await brokenLink(world, id)).toBeNull();
  });

  test('several daemons find each lost attempt once', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => onWallet(`order-${n}`)));
    await lost(() => world.work());
    await armCharging(ctx, null, siti);
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(references().toSorted()).toEqual(ids.map((id) => `due_${id}_0_1`).toSorted());
    await expectSound(world);
  });
});
