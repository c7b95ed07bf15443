import { dueInstant, localDate } from '../calendar/cycle.ts';
import type { Charge } from '../charges/charge.ts';
import { type NetworkLimit, networkDelay } from '../declines/network-limits.ts';
import { coversDate, earliestNext, type Mandate } from '../methods/mandate.ts';
import { isQuiet, notQuiet, type RetryDays } from './retry-days.ts';

/** Whether a due charge may be attempted now, checked just before the attempt is written. */
export type Admission =
  | { readonly kind: 'attempt' }
  | {
      readonly kind: 'postpone';
      readonly at: Temporal.Instant;
      readonly by: 'mandate' | 'missed_cycles' | 'quiet_day' | 'network';
      readonly why: string;
    }
  | { readonly kind: 'wait_for_customer'; readonly why: string };

export type Candidate = {
  readonly charge: Pick<Charge, 'missed' | 'ladderStep' | 'technicalRetries' | 'byHand'>;
  readonly tokenAlive: boolean;
  readonly mandate: Mandate | null;
  readonly limits: readonly NetworkLimit[];
  readonly network: string | null;
  /** Declines of this token for this amount, within the longest window. */
  readonly declinedAt: readonly Temporal.Instant[];
  /** The last attempt on this token that reached the issuer. */
  readonly lastReached: Temporal.Instant | null;
  /** The last attempt on a missed cycle of this customer, whichever subscription it was of. */
  readonly lastMissedAttempt: Temporal.Instant | null;
  readonly days: RetryDays;
  readonly timeZone: string;
  readonly chargeAt: string;
  readonly now: Temporal.Instant;
};

/** Never beyond the mandate or the network limits, one missed cycle a day (invariants 8 and 9, docs/design.md section 6). */
export function admit(candidate: Candidate): Admission {
  const { mandate, now, timeZone } = candidate;
  if (!candidate.tokenAlive || mandate === null) {
    return { kind: 'wait_for_customer', why: 'There is no payment method that can be charged.' };
  }
  const today = localDate(now, timeZone);
  if (!coversDate(mandate, today)) {
    return { kind: 'wait_for_customer', why: `The mandate ended on ${mandate.recurringExpiry.toString()}.` };
  }
  return (
    byMandate(candidate, mandate, today) ??
    byMissedCycles(candidate, today) ??
    byQuietDay(candidate, today) ??
    byNetwork(candidate)
  );
}

function byMandate(candidate: Candidate, mandate: Mandate, today: Temporal.PlainDate): Admission | null {
  if (candidate.lastReached === null) return null;
  const earliest = earliestNext(mandate, localDate(candidate.lastReached, candidate.timeZone));
  if (Temporal.PlainDate.compare(today, earliest) >= 0) return null;
  const why = `The mandate keeps charges ${mandate.recurringFrequency} days apart.`;
  return { kind: 'postpone', at: dueInstant(earliest, candidate.chargeAt, candidate.timeZone), by: 'mandate', why };
}

function byMissedCycles(candidate: Candidate, today: Temporal.PlainDate): Admission | null {
  if (!candidate.charge.missed || candidate.lastMissedAttempt === null) return null;
  if (!localDate(candidate.lastMissedAttempt, candidate.timeZone).equals(today)) return null;
  const at = dueInstant(today.add({ days: 1 }), candidate.chargeAt, candidate.timeZone);
  return {
    kind: 'postpone',
    at,
    by: 'missed_cycles',
    why: 'At most one missed cycle is charged per customer per day.',
  };
}

/** A retry that comes later than it was planned, since nothing ran or something put it off. Whoever has it tried by hand means today. */
function byQuietDay({ charge, days, chargeAt, timeZone }: Candidate, today: Temporal.PlainDate): Admission | null {
  if (!isQuiet(today, days) || charge.byHand?.asked === true) return null;
  if (charge.ladderStep === 0 && charge.technicalRetries === 0) return null;
  const at = dueInstant(notQuiet(today, days), chargeAt, timeZone);
  return { kind: 'postpone', at, by: 'quiet_day', why: `No retry is made on ${today.toString()}, a quiet day.` };
}

function byNetwork(candidate: Candidate): Admission {
  const verdict = networkDelay(candidate.limits, candidate.network, candidate.declinedAt, candidate.now);
  if (verdict.allowed) return { kind: 'attempt' };
  return {
    kind: 'postpone',
    at: verdict.at,
    by: 'network',
    why: `The card network allows no more attempts until then (${verdict.counted} declines).`,
  };
}
