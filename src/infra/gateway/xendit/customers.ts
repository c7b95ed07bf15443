import { isNotFound } from '../../../xendit/failure.ts';
import type { Xendit } from '../../../xendit/xendit.ts';
import type { Answer } from '../gateway.ts';
import { answerOf } from './answers.ts';

/** The customer that was made under our reference before; null when Xendit knows none. */
export async function customerByReference(
  xendit: Xendit,
  referenceId: string,
): Promise<Answer<{ readonly id: string } | null>> {
  const listed = await xendit.customers.byReference(referenceId);
  if (listed.kind === 'failed' && isNotFound(listed.failure)) return { kind: 'ok', value: null };
  const answer = answerOf(listed);
  if (answer.kind !== 'ok') return answer;
  const found = answer.value.data.find((customer) => customer.reference_id === referenceId);
  return { kind: 'ok', value: found === undefined ? null : { id: found.id } };
}
