import type { z } from 'zod';
import { type Failure, readFailure } from './failure.ts';
import { faultOf } from './fields.ts';
import { readJson } from './json.ts';
import { type Rate, rateOf } from './rate.ts';
import type { Reply } from './transport.ts';

/**
 * What came of a call. `failed`: Xendit answered with an error; `silent`: it may have heard the call, and nobody knows what it did;
 * `not_sent`: it never heard of it, so that the call may be made again.
 */
export type Result<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly rate: Rate | null }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly rate: Rate | null }
  | { readonly kind: 'silent'; readonly detail: string }
  | { readonly kind: 'not_sent'; readonly detail: string };

/** Reads a reply against a schema: garbage in a 2xx is silence, for nobody knows what it was to say. */
export function see<T>(reply: Reply, schema: z.ZodType<T>): Result<T> {
  if (reply.kind !== 'answered') return reply;
  const { status, headers, text } = reply;
  const rate = rateOf(headers);
  if (status < 200 || status > 299) return { kind: 'failed', failure: readFailure(status, headers, text), rate };
  const json = readJson(text);
  if (json.kind === 'garbage') return { kind: 'silent', detail: `the answer is ${json.fault}` };
  const { data, error } = schema.safeParse(json.value);
  return error === undefined
    ? { kind: 'ok', value: data, rate }
    : { kind: 'silent', detail: `answer: ${faultOf(error)}` };
}
