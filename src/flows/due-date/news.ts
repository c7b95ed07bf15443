import { endsAction, isOpenAction } from '../../domain/charges/action.ts';
import { isFinal, isInDoubt, madeNoPayment } from '../../domain/charges/outcome.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import type { Answered } from './attempt-charges.ts';

/** The first final answer wins, and a success outranks everything (invariant 6). */
export function isNews(dossier: AttemptDossier | undefined, answered: Answered): boolean {
  if (dossier === undefined) return false;
  const known = dossier.attempt.outcome;
  if (isInDoubt(known) && isStaleRefusal(dossier, answered)) return false;
  if (!isFinal(known)) return true;
  if (endsItsAction(dossier, answered)) return true;
  return answered.outcome.kind === 'succeeded' && known !== 'succeeded';
}

/** Its customer can confirm it no longer: what it was declined with was not the last word. */
export function endsItsAction({ attempt }: AttemptDossier, { outcome }: Answered): boolean {
  if (attempt.outcome !== 'declined' || !isOpenAction(attempt)) return false;
  return outcome.kind === 'declined' && endsAction(outcome.code);
}

/** What became of an action says nothing of its channel, whose answer was heard when it was told of. */
export function isFirstHeard(dossiers: ReadonlyMap<string, AttemptDossier>) {
  return (one: Answered) => {
    const dossier = dossiers.get(one.attemptId);
    return dossier === undefined || !endsItsAction(dossier, one);
  };
}

/**
 * A process can freeze after sending, while another one repeats its card request. When it wakes, its refusal is about the
 * first sending only; the repetition may have charged. So a first-hand refusal settles nothing once the attempt is in doubt.
 */
function isStaleRefusal({ token }: AttemptDossier, { outcome, firstHand = false }: Answered): boolean {
  return firstHand && madeNoPayment(outcome) && token?.channelCode === 'CARDS';
}
