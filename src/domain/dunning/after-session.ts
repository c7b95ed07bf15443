import { absorbs, type Charge, isOpen } from '../charges/charge.ts';
import type { Outcome } from '../charges/outcome.ts';
import type { Decision, Why } from '../declines/decision.ts';

/** An attempt that asked for money through a session: its customer pays it, and no method of ours is tried. */
export type Offered = {
  readonly charge: Pick<Charge, 'amount' | 'status' | 'collected' | 'catalogVersion'>;
  readonly attempt: { readonly number: number; readonly asks: number };
  /** When nobody can pay in the session any more, as far as that was told to Xendit. */
  readonly endsAt: Temporal.Instant;
  readonly now: Temporal.Instant;
};

/** Between two looks at a session whose end nobody tells. */
const AGAIN = { minutes: 30 } as const;
/** How soon a payment shows in Xendit's list is not documented; so long after the session's end it is believed that there is none. */
export const UNPAID_AFTER = { hours: 1 } as const;
/** So long after its end a session that nobody hears of is left to a person. */
const SILENT = { hours: 24 } as const;

/**
 * What to do about a charge after an outcome of a session's attempt. A session that ends unpaid counts as no try: what was
 * planned of the charge stays planned.
 */
export function decideAfterSession(outcome: Outcome, given: Offered): Decision {
  switch (outcome.kind) {
    case 'succeeded':
      return afterPayment(given);
    case 'declined':
    case 'refused': {
      const detail = outcome.kind === 'refused' ? outcome.detail : outcome.code;
      const text = `Nothing was paid in the session (${detail}): the charge goes on as it was planned.`;
      return { kind: 'nothing', why: because(given, 'session_unpaid', text) };
    }
    case 'pending': {
      const text = `The customer may pay on Xendit's page until ${given.endsAt.toString()}; until then nothing else is tried.`;
      return askAgain(given, because(given, 'session_open', text));
    }
    case 'unknown':
      return afterSilence(outcome.detail, given);
  }
}

function afterPayment(given: Offered): Decision {
  if (absorbs(given.charge))
    return { kind: 'paid', why: because(given, 'paid_by_hand', "The customer paid on Xendit's page.") };
  const text = `The charge was already ${given.charge.status}; this money is too much and a refund is proposed.`;
  return { kind: 'overpaid', why: because(given, 'success_after_success', text) };
}

/** Silence is not failure (invariant 4): nothing else is tried until nobody can pay in the session, and it is known whether somebody did. */
function afterSilence(detail: string, given: Offered): Decision {
  const { charge, endsAt, now } = given;
  if (Temporal.Instant.compare(now, endsAt.add(SILENT)) < 0) {
    const text = `Whether the session is paid is not known (${detail}): Xendit is asked, and nothing else is tried until it is.`;
    return askAgain(given, because(given, 'silence_is_not_failure', text));
  }
  const text = `Nobody says whether the session was paid, a day after its end (${detail}): a person decides.`;
  const why = because(given, 'unknown_too_long', text);
  return isOpen(charge.status) ? { kind: 'hold', reason: 'unknown_outcome', why } : { kind: 'nothing', why };
}

/** At its end, and then from time to time; nor later than a list without a payment is believed, since what is due waits for that. */
function askAgain({ endsAt, now }: Offered, why: Why): Decision {
  const isAhead = (at: Temporal.Instant) => Temporal.Instant.compare(now, at) < 0;
  const times = isAhead(endsAt) ? [endsAt] : [now.add(AGAIN), endsAt.add(UNPAID_AFTER)].filter(isAhead);
  const [at = endsAt] = times.toSorted(Temporal.Instant.compare);
  return { kind: 'ask_gateway', at, why };
}

function because({ attempt, charge }: Offered, rule: string, text: string): Why {
  const counted = { attempt: attempt.number, asks: attempt.asks };
  return { class: null, rule, text, counted, catalogVersion: charge.catalogVersion };
}
