import { beforeEach, describe, expect, test } from 'vitest';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { resumeCharging, stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { answering } from '../support/answering.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

const start = Temporal.Instant.from('2026-01-31T02:00:00Z');
const world = await testWorld({ at: start.toString() });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start.toString()));

const wallet = { channelCode: 'OVO', network: null };
const soon = (length: Temporal.DurationLike): string => start.add(length).toString();
const sentFirst = () => {
  const [sent] = gateway.sent;
  if (sent === undefined) throw new Error('Nothing was sent.');
  return sent;
};
const ages: number[] = [];
/** A daemon that remembers how old, in minutes, the attempt was at each look-up. */
const watching = {
  ...ctx,
  gateway: {
    ...gateway,
    lookUp: async (trace: Parameters<typeof gateway.lookUp>[0]) => {
      ages.push(world.now().since(start).total('minutes'));
      return await gateway.lookUp(trace);
    },
  },
};

test('a line of the log about a charge carries its id, whatever broke', async () => {
  const id = await world.onboard('order-1', 'monthly', {}, wallet);
  const broken = async (): Promise<never> => {
    throw new Error('a bug of ours');
  };
  await world.liveUntil(soon({ minutes: 2 }), answering(ctx, { pay: broken, lookUp: broken }));
  const { id: charge_id } = await world.charge(id);
  for (const event of ['attempt broke', 'look-up broke'])
    expect(world.logged).toContainEqual(
      expect.objectContaining({ event, facts: expect.objectContaining({ charge_id }) }),
    );
});

describe('an attempt whose answer never came', () => {
  test('is asked about after 1 minute, 5 minutes, 1 hour, then hourly, and held for a person after 24 hours', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(unknown());
    ages.length = 0;
    await world.liveUntil(soon({ hours: 23, minutes: 59 }), watching);
    expect(ages).toEqual([1, 5, ...Array.from({ length: 23 }, (_, hour) => 60 * (hour + 1))]);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    await world.liveUntil(soon({ hours: 80 }), watching);
    expect(ages.at(-1)).toBe(24 * 60);
    expect(await world.charge(id)).toMatchObject({
      status: 'held',
      hold_reason: 'unknown_outcome',
      attempts: [{ number: 1 }],
    });
    expect(gateway.sent).toHaveLength(1);
    expect(await world.told(id)).toEqual(expect.arrayContaining(['charge.held']));
    expect((await world.told(id)).filter((kind) => kind === 'attempt.settled')).toHaveLength(1);
  });

  test('is not tried again, however often the daemon runs', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    for (let run = 0; run < 5; run += 1) await world.work();
    world.moveTo(soon({ seconds: 59 }));
    await world.work();
    expect(gateway.sent).toHaveLength(1);
    expect(gateway.asked).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
  });

  test('is settled once by what a look-up finds', async () => {
    const [paid, failed] = [await world.onboard('a'), await world.onboard('b')];
    gateway.otherwise(unknown());
    await world.work();
    gateway.finds(`due_${paid}_0_1`, { kind: 'found', outcome: succeeded() });
    gateway.finds(`due_${failed}_0_1`, { kind: 'found', outcome: declined('INSUFFICIENT_BALANCE') });
    await world.liveUntil(soon({ minutes: 2 }));
    expect(await world.charge(paid)).toMatchObject({ status: 'paid', attempts: [{ number: 1, outcome: 'succeeded' }] });
    expect(await world.charge(failed)).toMatchObject({
      status: 'due',
      next_attempt_at: '2026-02-01T02:00:00Z',
      attempts: [{ number: 1 }],
    });
    expect(gateway.sent).toHaveLength(2);
  });

  test('on a card is repeated word for word, but only after five minutes of absence', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.liveUntil(soon({ minutes: 4, seconds: 59 }));
    expect(gateway.sent).toHaveLength(1);
    await world.liveUntil(soon({ minutes: 5 }));
    expect(gateway.sent).toHaveLength(2);
    expect(gateway.sent[1]).toEqual(gateway.sent[0]);
    expect(gateway.payments).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1, outcome: 'succeeded' }] });
  });

  test('on a card that Xendit charged and does not show yet is refused as a repetition (409), and found later', async () => {
    const id = await world.onboard('order-1');
    gateway.script(gateway.inSilence(succeeded()));
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    await world.liveUntil(soon({ minutes: 30 }));
    expect(gateway.sent).toHaveLength(2);
    expect(gateway.payments).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil(soon({ hours: 1 }));
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(gateway.payments).toHaveLength(1);
  });

  test('on a wallet is never sent a second time, whatever the look-ups say', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(unknown());
    await world.liveUntil(soon({ hours: 72 }));
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'held' });
  });

  test('is not repeated while look-ups are not answered: silence is no absence', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'cut' });
    await world.liveUntil(soon({ hours: 48 }));
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'held' });
  });

  test('stays unknown when its repetition is refused: that says nothing about the first time', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown(), refused('charge', 'API_VALIDATION_ERROR'), unknown());
    await world.liveUntil(soon({ minutes: 10 }));
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
  });

  test('is only looked up once the subscription is canceled, or charging is stopped', async () => {
    const [canceled, stopped] = [await world.onboard('a'), await world.onboard('b')];
    gateway.script(unknown(), unknown());
    await world.work();
    await cancelSubscription(ctx, canceled, { at: 'now', reason: null, actor: 'product' });
    await stopCharging(ctx.db, '', world.now(), 'a test');
    await world.liveUntil(soon({ hours: 2 }));
    expect(gateway.sent).toHaveLength(2);
    await resumeCharging(ctx.db, '');
    await world.liveUntil(soon({ hours: 3 }));
    expect(gateway.sent.map((sent) => sent.referenceId)).toHaveLength(3);
    expect(await world.charge(stopped)).toMatchObject({ status: 'paid' });
    expect(await world.charge(canceled)).toMatchObject({ status: 'attempting' });
  });

  test('does not keep the next cycle from being billed', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(unknown());
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'held' }, { status: 'paid' }]);
  });
});

describe('an attempt that Xendit has in flight', () => {
  test('stays pending when look-ups find nothing, is held after a day, and its late success pays', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ kind: 'pending', paymentRequestId: 'pr-000000000001', paymentId: null });
    await world.liveUntil(soon({ hours: 23 }));
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'pending' }] });
    await world.liveUntil(soon({ hours: 25 }));
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    expect(gateway.sent).toHaveLength(1);
    const late = { kind: 'succeeded', paymentRequestId: 'pr-000000000001', paymentId: 'py-1' } as const;
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: late });
    await world.receives(paymentEvent(sentFirst(), late));
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', hold_reason: null });
  });

  test('is settled by the look-up that finds it done', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ kind: 'pending', paymentRequestId: 'pr-000000000001', paymentId: null });
    await world.work();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil(soon({ minutes: 1 }));
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});
