import { sha256 } from '../ids.ts';

/** What stands in a stored request where the payment token was: the first of these marks that is not in it already. */
const markOf = (turn: number): string => (turn === 0 ? '{payment_token}' : `{payment_token:${turn}}`);

export type StoredRequest = { readonly request: string; readonly requestHash: string | null };

/**
 * A request as it is stored: whole but for the payment token, which has its own row, sealed and as unchangeable as this
 * one. The hash is that of the request as Xendit hears it. Throws when the two could not be put together again.
 */
export function storedRequest(
  body: string,
  tokenId: string,
): { readonly request: string; readonly requestHash: string } {
  let mark = markOf(0);
  for (let turn = 1; body.includes(mark); turn += 1) mark = markOf(turn);
  const request = body.replaceAll(written(tokenId), () => mark);
  if (filled(request, mark, tokenId) !== body) throw new Error('The request cannot be told from its payment token.');
  return { request, requestHash: sha256(body) };
}

/** The request byte for byte as it was when it was stored; null when these two do not make it, and nothing may be sent. */
export function sendableRequest({ request, requestHash }: StoredRequest, tokenId: string): string | null {
  // Requests from before the hash was kept hold their payment token themselves.
  if (requestHash === null) return request;
  for (let turn = 0; request.includes(markOf(turn)); turn += 1) {
    const body = filled(request, markOf(turn), tokenId);
    if (sha256(body) === requestHash) return body;
  }
  return null;
}

function filled(request: string, mark: string, tokenId: string): string {
  return request.replaceAll(mark, () => written(tokenId));
}

/** The token as JSON writes it inside its quotes. */
function written(tokenId: string): string {
  return JSON.stringify(tokenId).slice(1, -1);
}
