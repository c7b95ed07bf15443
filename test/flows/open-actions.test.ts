import { beforeEach, describe, expect, test } from 'vitest';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const ACTION = { actionUrl: 'https://bank.example/3ds', paymentRequestId: 'pr-waits' };

/** The first attempt waits for the customer at Xendit, who saves another method with dueday meanwhile. */
async function replacedWhileOpen(): Promise<string> {
  const id = await world.onboard('order-1');
  gateway.script(declined('REQUIRES_ACTION', ACTION));
  await world.work();
  await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
  await world.saveMethod(id);
  return id;
}

describe('an attempt that the customer may still authenticate', () => {
  test('is closed at Xendit before another is made', async () => {
    const id = await replacedWhileOpen();
    gateway.script(({ referenceId }) => {
      expect(gateway.closed).toEqual(['pr-waits']);
      expect(referenceId).toBe(`due_${id}_0_2`);
      return succeeded();
    });
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(gateway.sent).toHaveLength(2);
    await expectSound(world);
  });

  test('pays the charge when the customer was faster, and nothing else is made', async () => {
    const id = await replacedWhileOpen();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T04:00:00Z');
    const attempts = [{ outcome: 'succeeded' }];
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0, attempts });
    expect(gateway.sent).toHaveLength(1);
  });

  test.each([
    ['Xendit does not say what became of it', { kind: 'unanswered', detail: 'HTTP 503' } as const],
    [
      'the customer is at it',
      { kind: 'found', outcome: { kind: 'pending', paymentRequestId: 'pr-waits', paymentId: null } } as const,
    ],
    ['it stays open there', { kind: 'found', outcome: declined('REQUIRES_ACTION', ACTION) } as const],
  ])('holds up the next one, with its reason, while %s', async (_, answer) => {
    const id = await replacedWhileOpen();
    gateway.finds(`due_${id}_0_1`, answer);
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'due', note: expect.stringMatching(/may still be paid/) });
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: declined('PAYMENT_REQUEST_CANCELED') });
    await world.liveUntil('2026-01-31T05:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    expect(gateway.sent).toHaveLength(2);
  });
});
