import type { Context } from '../../context.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { record } from '../change/record.ts';
import { type Changed, changeSubscription, type Refusal } from './change-subscription.ts';

export type GraceInput = {
  /** A day, which is included, in the zone of the subscription; or an instant. */
  readonly until: Temporal.PlainDate | Temporal.Instant;
  readonly reason: string;
  readonly actor: string;
};

/** Lets a customer in until then, whatever they owe; what is owed stays owed, and is tried as it was planned. */
export async function grantGrace(ctx: Context, id: string, { until, reason, actor }: GraceInput): Promise<Changed> {
  return await changeSubscription(ctx, id, 'keep', async (dossier, now) => {
    const { subscription } = dossier;
    const end = endOf(subscription, until, now);
    if ('faults' in end) return end;
    const { graceUntil } = end;
    const why = `until ${graceUntil.toString()}: ${reason}`;
    return {
      seen: subscription,
      subscription: { ...subscription, graceUntil },
      entries: [record(ctx.newId(subscription.bucket), now, 'subscription.grace_granted', dossier, { why, actor })],
    };
  });
}

type End = { readonly graceUntil: Temporal.Instant } | Extract<Refusal, { readonly faults: object }>;

function endOf({ timeZone }: SubscriptionRow, until: GraceInput['until'], now: Temporal.Instant): End {
  const asked =
    until instanceof Temporal.PlainDate ? until.add({ days: 1 }).toZonedDateTime(timeZone).toInstant() : until;
  // The database keeps whole milliseconds.
  const graceUntil = asked.round({ smallestUnit: 'millisecond', roundingMode: 'floor' });
  if (Temporal.Instant.compare(graceUntil, now) > 0) return { graceUntil };
  return { faults: [{ field: 'until', message: `must lie after now, which is ${now.toString()}` }] };
}
