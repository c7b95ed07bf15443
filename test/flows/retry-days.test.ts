import { beforeEach, describe, expect, test } from 'vitest';
import { retryCharge } from '../../src/flows/charges/change-charge.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const quiet = ['2026-02-03', '2026-02-04', '2026-02-09', '2026-02-10', '2026-02-26'];
const catalog = plainCatalog.replace(
  'defaults:\n',
  `defaults:\n  quiet_days: { ID: [${quiet.join(', ')}] }\n  payday_slots: { ID: [25], PH: [2] }\n`,
);
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const daysOf = async (id: string) =>
  (await world.charge(id)).attempts.map(({ sent_at }) =>
    Temporal.Instant.from(sent_at).toZonedDateTimeISO('Asia/Jakarta').toPlainDate().toString(),
  );

describe('retries', () => {
  test('for want of funds wait for a payday, and then go by the ladder, off the quiet days', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-03-20T00:00:00Z');
    // After the 25th the ladder says three days, and no slot lies in the window any more, which ends on the 28th.
    expect(await daysOf(id)).toEqual(['2026-01-31', '2026-02-25', '2026-02-28']);
  });

  test('of other declines go by the ladder: what falls on a quiet day is made on the next that is not', async () => {
    const id = await world.onboard('order-1', 'stubborn');
    gateway.otherwise(declined('CARD_DECLINED'));
    await world.liveUntil('2026-03-20T00:00:00Z');
    const days = await daysOf(id);
    expect(days.length).toBeGreaterThan(1);
    expect(days.filter((day) => quiet.includes(day))).toEqual([]);
  });

  test('that come late, since nothing ran, fall on no quiet day either', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(declined('CHANNEL_UNAVAILABLE'));
    await world.work();
    world.moveTo('2026-02-03T05:00:00Z');
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      next_attempt_at: '2026-02-05T02:00:00Z',
      note: expect.stringContaining('quiet day'),
    });
    await world.liveUntil('2026-02-05T02:00:00Z');
    expect(await daysOf(id)).toEqual(['2026-01-31', '2026-02-05']);
  });

  test('by hand are made at once, whatever day it is', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    world.moveTo('2026-02-03T05:00:00Z');
    await retryCharge(ctx, (await world.charge(id)).id, { actor: 'siti', reason: null });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('and a charge that falls due on a quiet day is charged: it is no retry', async () => {
    const id = await world.onboard('order-1', 'weekly', { anchorDate: Temporal.PlainDate.from('2026-02-03') });
    await world.liveUntil('2026-02-04T00:00:00Z');
    expect(await daysOf(id)).toEqual(['2026-02-03']);
  });
});
