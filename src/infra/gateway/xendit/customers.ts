import { z } from 'zod';
import { get } from '../../../xendit/answer.ts';
import { isNotFound } from '../../../xendit/failure.ts';
import { id, reference } from '../../../xendit/fields.ts';
import type { Transport } from '../../../xendit/transport.ts';
import type { Answer } from '../gateway.ts';
import { answerOf } from './answers.ts';

const CustomerList = z.object({ data: z.array(z.object({ id, reference_id: reference })) });

/** The customer that was made under our reference before; null when Xendit knows none. */
export async function customerByReference(
  client: Transport,
  referenceId: string,
): Promise<Answer<{ readonly id: string } | null>> {
  const query = new URLSearchParams({ reference_id: referenceId });
  // /customers has a version of its own (docs/xendit.md 1).
  const seen = await get(client, `/customers?${query.toString()}`, CustomerList, { 'api-version': '2020-10-31' });
  if (seen.kind === 'failed' && isNotFound(seen.failure)) return { kind: 'ok', value: null };
  const answer = answerOf(seen);
  if (answer.kind !== 'ok') return answer;
  const found = answer.value.data.find((customer) => customer.reference_id === referenceId);
  return { kind: 'ok', value: found === undefined ? null : { id: found.id } };
}
