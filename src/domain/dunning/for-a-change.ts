import { type ChargeStatus, isOpen } from '../charges/charge.ts';
import type { Outcome } from '../charges/outcome.ts';
import type { Decision } from '../declines/decision.ts';
import { NEXT_METHOD } from './next-method.ts';

/** A charge that pays for a change of its subscription. */
export type PaysForChange = {
  readonly status: ChargeStatus;
  /** Why the change cannot apply any more, in words; null: it applies once the charge is paid. */
  readonly over: string | null;
  /** When the next period begins, after which the charge pays for nothing. */
  readonly endsAt: Temporal.Instant | null;
};

/**
 * What follows for a charge that a change waits for. Nobody is dunned for what they do not have yet: a decline ends the change, and
 * what is paid when it cannot apply any more is given back.
 */
export function forAChange(outcome: Outcome, decision: Decision, { status, over, endsAt }: PaysForChange): Decision {
  const instead = (rule: string, text: string) => ({ ...decision.why, rule, text });
  switch (decision.kind) {
    case 'paid':
      return over === null
        ? decision
        : {
            kind: 'overpaid',
            why: instead('change_over', `It pays for a change that cannot apply any more: ${over}.`),
          };
    case 'retry':
      if (isTriedOn(decision, endsAt)) return decision;
      return { kind: 'void', why: instead('change_unpaid', unpaid(outcome)) };
    case 'release':
      if (decision.stops || isBefore(decision.at, endsAt)) return decision;
      return { kind: 'void', why: instead('change_unpaid', unpaid(outcome)) };
    case 'wait_for_customer':
    case 'give_up':
      return { kind: 'void', why: instead('change_unpaid', unpaid(outcome)) };
    case 'nothing': {
      const isExpired = outcome.kind === 'refused' && outcome.code === 'SESSION_EXPIRED';
      return isExpired && isOpen(status)
        ? { kind: 'void', why: instead('change_unpaid', "its customer did not pay on Xendit's page in time") }
        : decision;
    }
    case 'overpaid':
    case 'ask_gateway':
    case 'hold':
    case 'void':
      return decision;
  }
}

/** What never reached an issuer says nothing of the customer: it is tried again while the change can apply. */
function isTriedOn(
  { spends, at, why }: Extract<Decision, { kind: 'retry' }>,
  endsAt: Temporal.Instant | null,
): boolean {
  if (spends === 'ladder' || spends === 'hand' || why.rule === NEXT_METHOD) return false;
  return isBefore(at, endsAt);
}

function isBefore(at: Temporal.Instant, endsAt: Temporal.Instant | null): boolean {
  return endsAt === null || Temporal.Instant.compare(at, endsAt) < 0;
}

function unpaid(outcome: Outcome): string {
  const code = 'code' in outcome ? ` (${outcome.code})` : '';
  return `what the change costs was not paid${code}`;
}
