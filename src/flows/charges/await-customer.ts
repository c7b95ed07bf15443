import type { Context } from '../../context.ts';
import { awaitingOn } from '../../domain/charges/waits.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { settleCharge, settleSubscription } from '../../domain/dunning/settlement.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { applyEach } from '../change/apply-each.ts';
import { windowEndOf } from '../change/policies.ts';
import { record } from '../change/record.ts';

/**
 * A due charge without a payment method that may be charged waits for its customer until the dunning window ends. That
 * is dunning like a decline's: the subscription is past due, and the ledger says why nothing was tried. What lost a race
 * is looked at again.
 */
export async function awaitCustomer(
  ctx: Context,
  dossier: ChargeDossier,
  text: string,
  now: Temporal.Instant,
): Promise<void> {
  const { charge, subscription } = dossier;
  const until = await windowEndOf(ctx, dossier);
  if (charge.inDunning) {
    await applyEach(ctx, [{ seen: subscription, charges: [awaitingOn(charge, until, text)], entries: [] }]);
    return;
  }
  const counted = { attempts: charge.attempts };
  const why = {
    class: 'needs_customer',
    rule: 'no_method',
    text,
    counted,
    catalogVersion: charge.catalogVersion,
  } as const;
  const decision: Decision = { kind: 'wait_for_customer', until, why };
  const moved = settleSubscription(subscription, decision, { before: false, after: true }, now);
  const facts = { class: why.class, decision: decision.kind, why: text };
  const write = (what: string) => record(ctx.newId(charge.bucket), now, `subscription.${what}`, dossier, facts);
  const entries = [write('needs_method'), ...(moved.status === subscription.status ? [] : [write(moved.status)])];
  const charges = [settleCharge(charge, decision, now)];
  await applyEach(ctx, [{ seen: subscription, charges, subscription: moved, entries }]);
}
