import type { z } from 'zod';
import { type Failure, readFailure } from './failure.ts';
import { faultOf } from './fields.ts';
import { readJson } from './json.ts';
import type { Reply, Transport } from './transport.ts';

/** What a look at Xendit's data said, before it is put into our words. */
export type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'silent'; readonly detail: string };

/** The version of the v3 endpoints; /sessions and /transactions have none (docs/xendit.md 1). */
export const V3 = { 'api-version': '2024-11-11' } as const;

/** Reads a reply against a schema: garbage in a 2xx is silence, for nobody knows what it was to say. */
export function see<T>(reply: Reply, schema: z.ZodType<T>): Seen<T> {
  if (reply.kind !== 'answered') return { kind: 'silent', detail: reply.detail };
  const { status, headers, text } = reply;
  if (status < 200 || status > 299) return { kind: 'failed', failure: readFailure(status, headers, text) };
  const json = readJson(text);
  if (json.kind === 'garbage') return { kind: 'silent', detail: `the answer is ${json.fault}` };
  const { data, error } = schema.safeParse(json.value);
  return error === undefined ? { kind: 'seen', value: data } : { kind: 'silent', detail: `answer: ${faultOf(error)}` };
}

export async function get<T>(
  client: Transport,
  path: string,
  schema: z.ZodType<T>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Seen<T>> {
  return see(await client.send({ method: 'GET', path, headers }), schema);
}
