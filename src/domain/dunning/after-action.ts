import type { Decision } from '../declines/decision.ts';
import { classify } from '../declines/decline.ts';
import type { Circumstances } from './circumstances.ts';
import type { Declined } from './doubt.ts';
import { decideNext } from './dunning.ts';
import { retryOnLadder } from './ladder.ts';

/**
 * What follows once nobody can confirm a payment any more for which its customer was waited for. One that nobody confirmed is asked
 * for again with the next step of the ladder, which asks them anew; any other failure is a decline like every other.
 */
export function decideAfterAction(outcome: Declined, given: Circumstances): Decision {
  const next = decideNext(outcome, given);
  if (next.kind !== 'wait_for_customer' || next.why.class !== 'needs_customer') return next;
  return retryOnLadder(outcome.code, classify(outcome, given.policy.declines, given.attempt.channelCode), given);
}
