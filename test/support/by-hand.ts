import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { declined } from './scripted-gateway.ts';
import type { World } from './world.ts';

export const asUsual = { linkMinutes: null, saves: 'OPTIONAL', actor: 'api:product' } as const;
export const components = {
  mode: 'COMPONENTS',
  origins: ['https://shop.example'],
  saves: 'OPTIONAL',
  minutes: 30,
  actor: 'api:product',
} as const;

/** The webhook of a payment. */
export const captured = (paid: object, amount = 150_000) => ({
  event: 'payment.capture',
  data: { ...paid, status: 'SUCCEEDED', currency: 'IDR', request_amount: amount },
});

/** What a customer who pays by hand does, in a world of tests. */
export function byHand(world: World) {
  const { ctx, gateway } = world;
  /** A subscription whose first charge was declined for want of funds, and is tried again the day after. */
  async function owing(
    reference = 'order-1',
    code = 'INSUFFICIENT_BALANCE',
    plan = 'monthly',
  ): Promise<{ id: string; chargeId: string }> {
    gateway.script(declined(code));
    const id = await world.onboard(reference, plan);
    await world.work();
    return { id, chargeId: (await world.charge(id)).id };
  }

  async function linkTo(chargeId: string, more: Partial<typeof asUsual> = {}): Promise<string> {
    const link = await openPayLink(ctx, chargeId, { ...asUsual, ...more });
    if (link.kind !== 'opened' && link.kind !== 'same') throw new Error(JSON.stringify(link));
    return link.url.slice('https://billing.example/pay/'.length);
  }

  /** The customer presses the button; the session that they are led to. */
  async function press(token: string): Promise<string> {
    const led = await payThrough(ctx, token);
    if (led.kind !== 'open') throw new Error(JSON.stringify(led));
    return led.session.sessionId;
  }

  const levelsOf = (wanted: string) => world.logged.filter(({ event }) => event === wanted).map(({ level }) => level);
  return { owing, linkTo, press, levelsOf };
}
