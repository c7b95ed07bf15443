import { beforeEach, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { retryCharge } from '../../src/flows/charges/change-charge.ts';
import { giveUpWaiting } from '../../src/flows/due-date/give-up-waiting.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { databaseThrough, openDoor } from '../../src/infra/database/db.ts';
import { testDatabase, testVault } from '../support/database.ts';
import { declined } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const made = await testDatabase();
const world = await testWorld({ at: start, ...made });
const { ctx, gateway } = world;
const door = openDoor({ url: made.url, poolSize: 2 });
beforeEach(() => world.startOver(start));

/** Another daemon, which stands still before its first statement that changes a charge. */
function standsStill(meanwhile: () => Promise<void>): Context {
  let isFirst = true;
  const rows: typeof door.rows = async (text, params, shape) => {
    if (isFirst && /update "?charges"?/.test(text)) {
      isFirst = false;
      await meanwhile();
    }
    return await door.rows(text, params, shape);
  };
  return { ...ctx, db: databaseThrough({ rows, close: () => door.close() }, testVault) };
}

test('a charge that a daemon is about to leave to its customer is tried at once when the customer is faster', async () => {
  const id = await world.onboard('order-1');
  gateway.script(declined('EXPIRED_CARD'));
  await world.work();
  await retryCharge(ctx, (await world.charge(id)).id, siti);
  const other = standsStill(async () => {
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
  });
  await onDueDate(other);
  await world.work();
  expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  await expectSound(world);
});

test('a wait that a daemon is about to end for a pause goes on when somebody resumes first', async () => {
  const id = await world.onboard('order-1');
  gateway.script(async () => {
    await pauseSubscription(ctx, id, { actor: 'siti' });
    return declined('EXPIRED_CARD');
  });
  await world.work();
  world.moveTo('2026-02-28T02:00:00Z');
  const other = standsStill(async () => {
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
  });
  await giveUpWaiting(other, world.now());
  await world.liveUntil('2026-03-01T00:00:00Z');
  expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
  await expectSound(world);
});
