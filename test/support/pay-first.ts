import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { listChanges } from '../../src/flows/views/change-view.ts';
import type { SubscriptionView } from '../../src/flows/views/subscription-view.ts';
import { breaches, invariants } from '../../src/infra/tables/books/invariants.ts';
import type { World } from './world.ts';

/** Max is paid on a page before it applies, Team over the saved method. */
export const payFirstCatalog = readFileSync(new URL('../fixtures/changed-plans.yaml', import.meta.url), 'utf8')
  .replace('name: Max', 'name: Max\n    changes: pay_link')
  .replace('name: Team', 'name: Team\n    changes: unscheduled')
  .replace('then: cancel', 'then: pause')
  .concat('coupons:\n  HALF: { percent: 50, cycles: 2, max_uses: 1 }\n');
export const START = '2026-09-01T02:00:00Z';
export const LATER = '2026-09-11T02:00:00Z';
/** Twenty of thirty days of the difference between 150,000 and 300,000, and 600,000. */
export const [TO_MAX, TO_TEAM] = [100_000, 300_000];

/** What a change that is not paid must leave as it was. */
export const standing = (view: SubscriptionView) => {
  const { plan, quantity, unit_amount, price, status, access, anchor_date, next_charge_at, current_cycle, credit } =
    view;
  return { plan, quantity, unit_amount, price, status, access, anchor_date, next_charge_at, current_cycle, credit };
};

export const completed = (session: string) => ({
  event: 'payment_session.completed',
  data: { payment_session_id: session, status: 'COMPLETED' },
});
export const captured = (
  paid: { paymentId: string; paymentRequestId: string; referenceId: string },
  amount = TO_MAX,
) => ({
  event: 'payment.capture',
  data: {
    payment_id: paid.paymentId,
    payment_request_id: paid.paymentRequestId,
    reference_id: paid.referenceId,
    status: 'SUCCEEDED',
    currency: 'IDR',
    request_amount: amount,
  },
});

/** What a person asks of a subscription whose change is paid first, and what its customer does. */
export function payFirst(world: World) {
  const { ctx } = world;

  async function ask(id: string, body: ChangeBody) {
    const changed = await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
    if (changed.kind !== 'changed') throw new Error(JSON.stringify(changed));
    return changed;
  }

  /** A subscription of Pro that was paid ten days ago. */
  async function running(reference = 'order-1', saveFor?: 'MERCHANT_UNSCHEDULED'): Promise<string> {
    const id = await world.onboard(reference, 'pro', saveFor === undefined ? {} : { saveFor });
    await world.work();
    world.moveTo(LATER);
    return id;
  }

  async function agreeing(): Promise<string> {
    const id = await running('order-1', 'MERCHANT_UNSCHEDULED');
    await recordConsent(ctx, id, { what: 'extra', answer: 'given', evidence: 'ticket 7', actor: 'siti' });
    return id;
  }

  /** The charge that pays for the change. */
  const extra = async (id: string, number = 1) => {
    const found = (await world.charges(id))
      .filter(({ kind }) => kind === 'extra')
      .toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1));
    const charge = found[number - 1];
    if (charge === undefined) throw new Error(`There is no extra charge ${number}.`);
    return charge;
  };

  const changes = async (id: string) =>
    ((await listChanges(ctx, id, null, 50))?.data ?? []).map(({ number, state, why }) => [number, state, why ?? null]);

  async function linkTo(chargeId: string, linkMinutes: number | null = null): Promise<string> {
    const link = await openPayLink(ctx, chargeId, { linkMinutes, saves: 'DISABLED', actor: 'siti' });
    if (!('url' in link)) throw new Error(JSON.stringify(link));
    return link.url.split('/pay/')[1] ?? '';
  }

  async function press(token: string): Promise<string> {
    const led = await payThrough(ctx, token);
    if (led.kind !== 'open') throw new Error(JSON.stringify(led));
    return led.session.sessionId;
  }

  /** Every promise that the books make of themselves is kept. */
  async function expectWhole(): Promise<void> {
    for (const name of Object.keys(invariants) as (keyof typeof invariants)[])
      expect(await breaches(ctx.db, name, ctx.buckets, 5)).toEqual({ count: 0, first: [] });
  }

  async function lives(id: string, until = '2026-10-02T00:00:00Z') {
    await world.liveUntil(until);
    return await world.subscription(id);
  }
  return { ask, running, agreeing, extra, changes, linkTo, press, expectWhole, lives };
}
