import type { z } from 'zod';
import { type Result, see } from './result.ts';
import type { Call, Transport } from './transport.ts';

/** Headers that a call may have beside the key. */
export type CallOptions = {
  /** Documented for `POST /customers` alone, 1 to 100 characters; other endpoints may look past it. */
  readonly idempotencyKey?: string | undefined;
  /** The sub-account that the call is about (xenPlatform). */
  readonly forUserId?: string | undefined;
  /** How the money of a payment is shared out (xenPlatform). */
  readonly withSplitRule?: string | undefined;
};

/** A body to be written, or one that was written before and is sent as it is, byte for byte. */
export type Body<T extends object> = T | string;

/** One call, sent once: a POST is never repeated, since only a person or a look at Xendit's data can tell whether it was heard. */
export type Speaker = {
  get<T>(path: string, schema: z.ZodType<T>, options?: CallOptions, version?: string): Promise<Result<T>>;
  post<T>(
    path: string,
    body: object | string | null,
    schema: z.ZodType<T>,
    options?: CallOptions,
    version?: string,
  ): Promise<Result<T>>;
};

/** The version of the v3 endpoints; /sessions, /refunds and /transactions have none (docs/xendit.md 1). */
export const V3 = '2024-11-11';

export function speakerOver(transport: Transport): Speaker {
  return {
    async get(path, schema, options, version) {
      return see(await transport.send({ method: 'GET', path, headers: headersOf(options, version) }), schema);
    },
    async post(path, body, schema, options, version) {
      const call: Call = { method: 'POST', path, headers: headersOf(options, version) };
      return see(await transport.send(body === null ? call : { ...call, body: written(body) }), schema);
    },
  };
}

/** A body as it is sent: what is written before a call can be kept, and sent from what was kept. */
export function written(body: object | string): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function headersOf(options: CallOptions = {}, version?: string): Record<string, string> {
  const { idempotencyKey, forUserId, withSplitRule } = options;
  return {
    ...(version !== undefined && { 'api-version': version }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(forUserId !== undefined && { 'for-user-id': forUserId }),
    ...(withSplitRule !== undefined && { 'with-split-rule': withSplitRule }),
  };
}

/** A path with an id in it, whatever the id is made of. */
export function at(path: string, id: string, act = ''): string {
  return `${path}/${encodeURIComponent(id)}${act}`;
}

/** A query of what is said. */
export function parametersOf(query: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
