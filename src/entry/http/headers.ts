import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from './problem.ts';

/** Longer than any address of ours: a list's cursor has at most a thousand characters. */
const LONGEST_ADDRESS = 4_096;

/** On every answer: nothing is cached (answers hold personal data), sniffed, framed or run. */
export const safeHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const;

/** Before anything else is looked at: what no endpoint takes. */
export async function refuseOddRequests(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  reply.headers(safeHeaders);
  const { host, 'content-encoding': encoding } = request.headers;
  if (request.url.length > LONGEST_ADDRESS) return problem(reply, 414, 'The address is longer than any of ours.');
  // Nobody would read it: a filter that is sent there narrows nothing.
  if (isRead(request) && hasBody(request.headers))
    return problem(
      reply,
      400,
      `${request.method} takes no body: what a list is narrowed to stands behind the address.`,
    );
  if (!isUtf8(request.url))
    return problem(
      reply,
      400,
      'The address is not well-formed: write it in UTF-8, with percent signs before its bytes.',
    );
  if (!request.url.startsWith('/'))
    return problem(reply, 404, 'This is no proxy: there is nothing at such an address.');
  // Node would answer this itself, without a word of why.
  if (host === undefined && request.raw.httpVersion === '1.1')
    return problem(reply, 400, 'HTTP/1.1 needs a Host header.');
  // A compressed body may unfold to any size.
  if (encoding !== undefined && encoding !== 'identity')
    return problem(reply, 415, 'Send the body as it is: no content-encoding is taken.');
  return undefined;
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function hasBody({ 'content-length': length, 'transfer-encoding': coding }: FastifyRequest['headers']): boolean {
  return coding !== undefined || Number(length ?? 0) > 0;
}

/** Bytes that are no UTF-8 would find what somebody else's bytes find, or nothing. */
function isUtf8(url: string): boolean {
  try {
    decodeURIComponent(url);
    return /^[\x21-\x7e]*$/.test(url);
  } catch {
    return false;
  }
}
