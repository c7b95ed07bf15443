import type { AccountContext } from '../../context.ts';
import type { FoundMethod } from '../../domain/imports/imported-method.ts';
import type { Answer, Token } from '../../infra/gateway/gateway.ts';
import { isThrottled, tokenInTurn } from '../onboarding/in-turn.ts';

/** Xendit does not answer, or not us: whoever asked goes on another time, from where it stopped. */
export class NoAnswer extends Error {}

/** In a row, each after a pause that is twice as long. */
const MOST_SILENCES = 5;
const FIRST_PAUSE_MS = 1_000;

export type TokenLook =
  | { readonly kind: 'found'; readonly method: FoundMethod }
  | { readonly kind: 'unfit'; readonly why: string };

/** Asks Xendit about a payment token within the pace of all, for as long as that takes. */
export async function lookAtToken(ctx: AccountContext, tokenId: string): Promise<TokenLook> {
  for (let silences = 0; ; ) {
    const answer = await tokenInTurn(ctx, tokenId);
    if (answer.kind === 'ok') return { kind: 'found', method: withoutToken(answer.value) };
    if (answer.kind === 'refused' && isThrottled(answer)) {
      await ctx.sleep(1_000 * Math.max(1, answer.retryAfterSeconds ?? 1));
      continue;
    }
    if (answer.kind === 'refused') return refusal(answer);
    silences += 1;
    if (silences === MOST_SILENCES) throw new NoAnswer(`Xendit does not answer: ${answer.detail}`);
    await ctx.sleep(FIRST_PAUSE_MS * 2 ** (silences - 1));
  }
}

/** What is kept of it until its subscription is created: nothing that could be charged with. */
function withoutToken({ tokenId: _secret, ...method }: Token): FoundMethod {
  return method;
}

function refusal({ status, code, message }: Extract<Answer<Token>, { readonly kind: 'refused' }>): TokenLook {
  if (status === 404) return { kind: 'unfit', why: 'names a payment token that Xendit does not know' };
  if (status === 401 || status === 403 || status >= 500)
    throw new NoAnswer(`Xendit does not answer us: ${code}: ${message}`);
  return { kind: 'unfit', why: `names a payment token that Xendit does not tell of: ${code}` };
}
