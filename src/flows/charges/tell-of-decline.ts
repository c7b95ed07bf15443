import type { Context } from '../../context.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { concernsAdmin, isUnheardOf } from '../../domain/declines/decline.ts';
import type { Declined } from '../../domain/dunning/doubt.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';

/** What the admin should know of a decline beside its charge: a code of no table, or an amount that may never be paid. */
export function tellOfDecline(
  ctx: Context,
  { charge, token }: AttemptDossier,
  outcome: Declined,
  decision: Decision,
): void {
  const { declines } = ctx.catalog.current.defaults;
  const { code } = outcome;
  if (decision.kind === 'wait_for_customer' && concernsAdmin(outcome, declines, token?.channelCode ?? '')) {
    const way_out =
      "compare the plan's price with the limits of its channels at Xendit, or ask the customer to raise theirs";
    ctx.log.warn('amount over a limit', { charge_id: charge.id, code, why: decision.why.text, way_out });
  }
  if (isUnheardOf(code, declines)) {
    const way_out = 'it is treated as soft, with one retry; give it a class in the catalog: defaults.declines';
    ctx.log.error('failure code that nobody has heard of', { code, charge_id: charge.id, way_out });
  }
  if (decision.kind === 'hold' && outcome.unread === true) {
    const way_out = 'let the key read payments at Xendit (GET /v3/payments), then release what is held';
    ctx.log.error('card network’s answer cannot be read', { charge_id: charge.id, why: decision.why.text, way_out });
  }
}
