import { beforeEach, describe, expect, test } from 'vitest';
import { declined, type Sent, type Step, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';
import { paymentEvent } from './xendit-events.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const ids = { paymentRequestId: 'pr-1', paymentId: 'py-1' };
const paid = { kind: 'succeeded', ...ids } as const;
const failed = declined('INSUFFICIENT_BALANCE', ids);
const expired = declined('PAYMENT_REQUEST_EXPIRED', ids);

const events = {
  success: (sent: Sent) => paymentEvent(sent, paid),
  failure: (sent: Sent) => paymentEvent(sent, failed),
  expiry: (sent: Sent) => ({ ...paymentEvent(sent, expired, { status: 'EXPIRED' }), event: 'payment_request.expiry' }),
};
type Name = keyof typeof events;
const orders: readonly (readonly Name[])[] = [
  ['success', 'failure', 'expiry'],
  ['success', 'expiry', 'failure'],
  ['failure', 'success', 'expiry'],
  ['failure', 'expiry', 'success'],
  ['expiry', 'success', 'failure'],
  ['expiry', 'failure', 'success'],
];

/** Each answer, with how long it had been known when the webhooks come. */
const states: readonly (readonly [string, Step, number])[] = [
  ['unknown', unknown(), 0],
  ['pending', { kind: 'pending', ...ids, paymentId: null }, 0],
  ['declined', failed, 0],
  ['paid', paid, 0],
  ['held after a day of silence', { kind: 'unknown', detail: 'no answer', paymentRequestId: 'pr-1' }, 25],
];

describe.each(states)('an attempt that is %s', (_, answer, hours) => {
  test.each(orders)('is paid once when it hears of %s, %s and %s', async (...order) => {
    const id = await world.onboard('order-1', 'monthly', {}, { channelCode: 'OVO', network: null });
    gateway.script(answer);
    await world.liveUntil(world.now().add({ hours }).toString());
    const [sent] = gateway.sent;
    if (sent === undefined) throw new Error('Nothing was sent.');
    // Xendit itself knows the truth: the money was collected.
    if (gateway.payments.length === 0) await gateway.inSilence(paid)(sent);
    for (const name of order) {
      await world.receives(events[name](sent));
      await world.work();
    }
    await world.liveUntil('2026-02-27T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'paid', collected: 150_000, overpaid: 0 }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(gateway.sent).toHaveLength(1);
    expect((await world.told(id)).filter((kind) => kind === 'charge.paid')).toHaveLength(1);
    await expectSound(world);
  });
});
