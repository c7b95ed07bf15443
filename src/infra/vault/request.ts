import { sha256 } from '../ids.ts';

/** What stands in a stored request where the payment token was. */
const PLACE = '{payment_token}';

export type StoredRequest = { readonly request: string; readonly requestHash: string | null };

/**
 * A request as it is stored: whole but for the payment token, which has its own row, sealed and as unchangeable as this
 * one. The hash is that of the request as Xendit hears it. Throws when the two could not be put together again.
 */
export function storedRequest(
  body: string,
  tokenId: string,
): { readonly request: string; readonly requestHash: string } {
  const request = body.replaceAll(written(tokenId), PLACE);
  if (filled(request, tokenId) !== body) throw new Error('The request cannot be told from its payment token.');
  return { request, requestHash: sha256(body) };
}

/** The request byte for byte as it was when it was stored; null when these two do not make it, and nothing may be sent. */
export function sendableRequest(stored: StoredRequest, tokenId: string): string | null {
  const body = filled(stored.request, tokenId);
  // Requests from before the hash was kept hold their payment token themselves.
  return stored.requestHash === null || sha256(body) === stored.requestHash ? body : null;
}

function filled(request: string, tokenId: string): string {
  return request.replaceAll(PLACE, () => written(tokenId));
}

/** The token as JSON writes it inside its quotes. */
function written(tokenId: string): string {
  return JSON.stringify(tokenId).slice(1, -1);
}
