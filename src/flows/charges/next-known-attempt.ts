import type { AccountContext } from '../../context.ts';
import { attemptReference, placeOf } from '../../domain/charges/attempt.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { AskedFirst } from '../../infra/tables/charges/due.ts';
import { type IsWanted, lookUp } from './look-up.ts';

/**
 * Absence is believed this long after arming, or after another run of the server was met: an attempt that the lost server had acknowledged may just have been on its
 * way, and what Xendit lists lags behind what it does. Longer than any lease.
 */
export const BELIEVED_AFTER = { minutes: 5 } as const;
/**
 * Attempts that Xendit never took (it was throttling, or could not be reached) may lie before one that it did take, since
 * each has a number of its own. So many of them in a row are looked past.
 */
const MOST_UNKNOWN = 4;
const ABSENT: LookUp = { kind: 'absent' };

/** Until when rows may have been lost, whatever the cause; null: none may. */
export function latestLoss({ askSince, runSince }: AskedFirst): Temporal.Instant | null {
  if (askSince === null || runSince === null) return askSince ?? runSince;
  return Temporal.Instant.compare(askSince, runSince) < 0 ? runSince : askSince;
}

/**
 * Asks Xendit for the attempts that may follow our last one, by their references, one number after the other. Stops at the
 * first attempt that Xendit knows, or cannot answer for, and at the latest after MOST_UNKNOWN; `before` counts the unknown
 * attempts that were passed. The first attempt is always looked up. Where Xendit's list was read, a later attempt that the
 * list lacks counts as unknown without a look-up. Null: the process was told to stop, or it is not wanted any more.
 */
export async function nextKnownAttempt(
  ctx: AccountContext,
  { charge, subscription }: ChargeDossier,
  listed: ReadonlySet<string> | null = null,
  isWanted?: IsWanted,
): Promise<{ readonly found: LookUp; readonly before: number } | null> {
  const { amount, currency } = charge;
  for (let before = 0; ; before += 1) {
    const referenceId = attemptReference(subscription.id, placeOf(charge), charge.attempts + 1 + before);
    const isKnownAbsent = before > 0 && listed !== null && !listed.has(referenceId);
    const found = isKnownAbsent ? ABSENT : await lookUp(ctx, { referenceId, amount, currency }, null, isWanted);
    if (found === null) return null;
    if (found.kind !== 'absent' || before === MOST_UNKNOWN) return { found, before };
  }
}
