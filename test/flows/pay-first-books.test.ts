import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { readPreviewToken } from '../../src/flows/subscriptions/changing/preview-token.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { changePreviewView } from '../../src/flows/views/change-view.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { breaches, invariants } from '../../src/infra/tables/books/invariants.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/*
 * Random books in which upgrades are paid first, or are not: what is asked for is what was previewed; what is paid changes what was
 * previewed, and what is not leaves the next charges as they were.
 */

const START = '2026-09-01T02:00:00Z';
const catalog = readFileSync(new URL('../fixtures/changed-plans.yaml', import.meta.url), 'utf8')
  .replace('name: Max', 'name: Max\n    changes: pay_link')
  .replace('name: Team', 'name: Team\n    changes: unscheduled');
const world = await testWorld({ at: START, catalog });
const { ctx, gateway } = world;

/** How what was asked for ends. */
const ends = ['paid', 'paid', 'silent', 'unpaid', 'given up', 'withdrawn'] as const;
type End = (typeof ends)[number];

const asked = fc.record({
  afterHours: fc.integer({ min: 1, max: 40 * 24 }),
  end: fc.constantFrom(...ends),
  body: fc.oneof(
    fc.record({ plan: fc.constantFrom('pro', 'max', 'team') }),
    fc.record({ plan: fc.constantFrom('max', 'team'), quantity: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ quantity: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ plan: fc.constantFrom('max', 'team'), charge_at: fc.constantFrom('07:00', '18:30') }),
    fc.record({ plan: fc.constantFrom('pro', 'max'), when: fc.constant('period_end') }),
  ),
});

const ahead = async (id: string) => (await world.subscription(id)).planned_change;
const soon = (minutes: number) => world.now().add({ minutes }).toString();
const chargeOf = async (id: string, chargeId: string) => (await world.charges(id)).find((one) => one.id === chargeId);

/** The customer pays on the page, or leaves it, or never comes. */
async function onThePage(chargeId: string, end: End): Promise<void> {
  const link = await openPayLink(ctx, chargeId, { linkMinutes: 30, saves: 'DISABLED', actor: 'siti' });
  if (!('url' in link)) throw new Error(JSON.stringify(link));
  if (end === 'unpaid') return await world.liveUntil(soon(31));
  const led = await payThrough(ctx, link.url.split('/pay/')[1] ?? '');
  if (led.kind !== 'open') throw new Error(JSON.stringify(led));
  const { sessionId } = led.session;
  const isPaid = end !== 'given up';
  if (isPaid) gateway.pays(sessionId);
  else gateway.expires(sessionId);
  const [event, status] = isPaid ? ['completed', 'COMPLETED'] : ['expired', 'EXPIRED'];
  if (end !== 'silent')
    await world.receives({ event: `payment_session.${event}`, data: { payment_session_id: sessionId, status } });
  await world.liveUntil(soon(10));
}

/** The saved method pays, is declined, or nobody hears of it for a while. */
async function overTheMethod(end: End): Promise<void> {
  const paid = {
    kind: 'succeeded',
    paymentId: `py-${world.now().toString()}`,
    paymentRequestId: `pr-${world.now().toString()}`,
  } as const;
  if (end === 'unpaid' || end === 'given up') gateway.script(declined('INSUFFICIENT_BALANCE'));
  if (end === 'silent') gateway.script(gateway.inSilence(paid));
  await world.liveUntil(soon(10));
}

async function ended(id: string, chargeId: string, end: End): Promise<void> {
  if (end === 'withdrawn') return void (await withdrawChange(ctx, id, 'siti'));
  const charge = await chargeOf(id, chargeId);
  return charge?.next_attempt_at == null ? await onThePage(chargeId, end) : await overTheMethod(end);
}

/* BOOKS_SEED lives other books than those of every day. */
test('what is paid first is what was previewed, and what is not paid changes nothing', {
  timeout: 120_000,
}, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 5 }), async (drawn) => {
      await world.startOver(START);
      const id = await world.onboard('order-1', 'pro', { saveFor: 'MERCHANT_UNSCHEDULED' });
      await recordConsent(ctx, id, { what: 'extra', answer: 'given', evidence: 'ticket 7', actor: 'siti' });
      await world.work();
      for (const { afterHours, body, end } of drawn) {
        await world.liveUntil(soon(60 * afterHours));
        const previewed = await previewChange(ctx, id, { body, actor: 'siti' });
        if (previewed.kind !== 'shown') continue;
        const shown = changePreviewView(previewed.shown);
        const token = readPreviewToken(ctx, id, shown.preview_token);
        const made = await changeTerms(ctx, id, { body, previewed: token, reason: null, actor: 'siti' });
        expect(made).toMatchObject({ kind: 'changed' });
        const waiting = await ahead(id);
        expect(waiting?.state === 'awaiting_payment').toBe(shown.due === 'now');
        if (waiting?.charge_id === undefined) {
          expect(await listUpcoming(ctx, id, 3)).toEqual(shown.after);
          continue;
        }
        const { amount, lines, credit_used } = shown;
        // The credit that its charge uses is the next charges' again once it comes to nothing.
        if (credit_used === 0) expect(await listUpcoming(ctx, id, 3)).toEqual(shown.before);
        expect(await chargeOf(id, waiting.charge_id)).toMatchObject({ amount, lines, credit_used });
        await ended(id, waiting.charge_id, end);
        // A method that was charged today is charged tomorrow: until then it waits.
        if ((await ahead(id))?.state === 'awaiting_payment') await withdrawChange(ctx, id, 'siti');
        const charge = await chargeOf(id, waiting.charge_id);
        const isPaid = charge?.status === 'paid';
        seen.add(`${shown.pay_first} ${charge?.status}`);
        expect(charge).toMatchObject(isPaid ? { collected: amount } : { status: 'void', collected: 0, overpaid: 0 });
        const left = (await listUpcoming(ctx, id, 3)) ?? [];
        const was = isPaid ? shown.after : shown.before;
        if (left[0]?.cycle === was[0]?.cycle) expect(left).toEqual(was);
      }
      await world.liveUntil(soon(60 * 24 * 70));
      for (const name of Object.keys(invariants) as (keyof typeof invariants)[])
        expect(await breaches(ctx.db, name, ctx.buckets, 5), name).toEqual({ count: 0, first: [] });
    }),
    { numRuns: 15, seed: Number(process.env.BOOKS_SEED ?? 9) },
  );
  // The draw met each way to pay, and each way to leave it.
  expect([...seen].toSorted()).toEqual(['pay_link paid', 'pay_link void', 'unscheduled paid', 'unscheduled void']);
});
