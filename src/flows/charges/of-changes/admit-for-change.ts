import type { Context } from '../../../context.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import type { Admission } from '../../../domain/dunning/admission.ts';
import { payFirstBy } from '../../../domain/subscriptions/pay-first.ts';
import { may } from '../../../domain/subscriptions/subscription.ts';
import { type ChargeDossier, postponeCharge } from '../../../infra/tables/charges/charges.ts';
import type { ChangeRow } from '../../../infra/tables/schema/terms-columns.ts';
import { changePaidBy } from '../../../infra/tables/subscriptions/terms.ts';
import { applyEach } from '../../change/apply-each.ts';
import { whyNotOutside } from '../../methods/outside-the-plan.ts';
import { lapsedChange } from './lapsed-change.ts';

/**
 * Whether a charge that pays for a change is attempted now. Until then the change could still apply, and its customer agrees to charges
 * outside of the plan, and the method was saved for them; otherwise the change lapses. Null: it pays for none.
 */
export async function admittedForChange(
  ctx: Context,
  dossier: ChargeDossier,
  admission: Admission,
  now: Temporal.Instant,
): Promise<boolean | null> {
  const waited = await changePaidBy(ctx.db, dossier.charge);
  if (waited === null) return null;
  const fault = isOver(dossier, now) ? OVER : await whyNotNow(ctx, dossier, waited, admission);
  if (fault !== null) {
    const change = await lapsedChange(ctx, dossier, fault, now);
    if (change !== null) await applyEach(ctx, [change]);
    return false;
  }
  if (admission.kind !== 'postpone') return true;
  await postponeCharge(ctx.db, dossier.charge, { nextAttemptAt: admission.at, waitsUntil: null, note: admission.why });
  return false;
}

const OVER = 'the period is over whose days it pays for';

function isOver({ charge, subscription }: ChargeDossier, now: Temporal.Instant): boolean {
  return Temporal.PlainDate.compare(localDate(now, subscription.timeZone), charge.periodEnd) > 0;
}

async function whyNotNow(
  ctx: Context,
  { subscription, token }: ChargeDossier,
  { state, before, after }: ChangeRow,
  admission: Admission,
): Promise<string | null> {
  const { plans } = ctx.catalog.current;
  if (subscription.stoppedBy !== null) return 'a payment of its customer is disputed';
  if (state !== 'awaiting_payment') return `it is ${state}`;
  if (!may('change', subscription.status)) return `the subscription is ${subscription.status}`;
  const by = payFirstBy(plans.get(before?.plan ?? '') ?? null, plans.get(after?.plan ?? '') ?? null);
  if (by === 'pay_link') return 'only its customer pays for it';
  if (admission.kind === 'wait_for_customer') return admission.why;
  const { nextCycleAt } = subscription;
  if (admission.kind === 'postpone' && nextCycleAt !== null && Temporal.Instant.compare(admission.at, nextCycleAt) >= 0)
    return admission.why;
  return await whyNotOutside(ctx, subscription, token);
}
