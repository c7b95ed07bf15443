import type { Decision } from '../declines/decision.ts';
import { endsToken, inWords, type Verdict } from '../declines/decline.ts';
import type { DeclineClass } from '../declines/decline-class.ts';
import { because, type Circumstances } from './circumstances.ts';

/** The rule by which a charge goes on with another method of its customer. */
export const NEXT_METHOD = 'next_method';

/** Whether another method of the same customer may do better. Empty accounts and troubled networks say nothing of the method. */
export function isAtFault(cls: DeclineClass): boolean {
  return endsToken(cls) || cls === 'needs_customer';
}

/**
 * Where the customer would be waited for since their method is at fault, the next one that they saved is tried, in the same charge and
 * inside its window. It spends nothing of the ladder; when it may be tried, its own mandate and limits say as the charge is claimed.
 */
export function orNextMethod(decided: Decision, code: string, verdict: Verdict, given: Circumstances): Decision {
  const { nextMethod = null } = given.history;
  if (decided.kind !== 'wait_for_customer' || nextMethod === null || !isAtFault(verdict.class)) return decided;
  const text = inWords(code, verdict, `this method is at fault, so the next one is tried: ${nextMethod}.`);
  const why = because(given, NEXT_METHOD, text, { class: verdict.class });
  return { kind: 'retry', at: given.now, spends: 'nothing', why };
}
