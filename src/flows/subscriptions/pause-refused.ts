import type { Context } from '../../context.ts';
import type { PausedCycles } from '../../domain/subscriptions/pause.ts';
import { placeOf } from '../../domain/subscriptions/schedule.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { laterOf } from '../../infra/tables/subscriptions/terms.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';

type Wanted = { readonly cycles?: PausedCycles; readonly until?: Temporal.PlainDate | null };

/** Why a pause cannot be as it is asked for, in words; null: it can. `later`: when it begins; null: at once. */
export async function pauseRefused(
  ctx: Context,
  subscription: SubscriptionRow,
  { cycles = 'skip', until = null }: Wanted,
  later: Temporal.Instant | null,
): Promise<string | null> {
  const { id, nextCycle, cancelsAtPeriodEnd } = subscription;
  const { terms = [], planned = null } = (await laterOf(ctx.db, [subscription])).get(id) ?? {};
  const unpaid = (await unpaidCycles(ctx, [subscription])).get(id) ?? 0;
  const { over } = placeOf({ ...subscription, cancelsAtPeriodEnd: false }, terms, unpaid);
  if (later !== null && over !== null && nextCycle >= over)
    return `The last period of the subscription runs: it ends at ${later.toString()}, when this pause would begin.`;
  if (cycles === 'skip') return null;
  if (planned !== null && planned.appliesAt !== null)
    return `Change ${planned.number} is planned for ${planned.appliesAt.toString()}, a day that such a pause would move: withdraw it, or pause with cycles: skip.`;
  if (later !== null || until !== null || !cancelsAtPeriodEnd) return null;
  return 'The subscription is to be canceled when its period ends, and nobody would know when that is: say until when it is paused, or pause with cycles: skip.';
}
