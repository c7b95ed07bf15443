import type { Context } from '../../context.ts';
import { sha256 } from '../../infra/ids.ts';
import { dropKey, type HeldCall, keepAnswer, keptAnswer, takeKey } from '../../infra/tables/access/idempotency-keys.ts';

export type { HeldCall };

export type BegunCall =
  /** It is ours to do; what it answers is kept with `endCall`. */
  | { readonly kind: 'ours'; readonly held: HeldCall }
  | { readonly kind: 'answered'; readonly status: number; readonly answer: string }
  | { readonly kind: 'another_body' }
  | { readonly kind: 'unreadable' }
  /** The same call is still at work, somewhere. */
  | { readonly kind: 'at_work' };

const LOOK_MS = 100;
const PATIENCE_MS = 8_000;

/**
 * Begins a call that came with an Idempotency-Key. Of several at once one does it, and the others wait for its answer.
 * `asked` is all that the call asks: method, address and body.
 */
export async function beginCall(ctx: Context, caller: string, key: string, asked: string): Promise<BegunCall> {
  const held = { caller, key, request: sha256(asked), holder: ctx.newId(0) };
  const until = ctx.monotonic() + PATIENCE_MS;
  for (;;) {
    if (await takeKey(ctx.db, held)) return { kind: 'ours', held };
    const kept = await keptAnswer(ctx.db, held);
    // Between the two statements its holder may have let it go.
    if (kept === null) continue;
    if (kept.request !== held.request) return { kind: 'another_body' };
    if (kept.status !== null)
      return kept.answer === null
        ? { kind: 'unreadable' }
        : { kind: 'answered', status: kept.status, answer: kept.answer };
    if (ctx.monotonic() > until || ctx.stopping.aborted) return { kind: 'at_work' };
    await ctx.sleep(LOOK_MS);
  }
}

/** What was answered is answered again; but for a fault of the request, which is mended, and one of ours: it may be sent again. */
export async function endCall(ctx: Context, held: HeldCall, status: number, answer: string): Promise<void> {
  if (status >= 500 || status === 429 || status === 400) await dropKey(ctx.db, held);
  else await keepAnswer(ctx.db, held, status, answer);
}

/** What a call of somebody was answered that was done within the day; null: none was done under this key. */
export async function answerOf(ctx: Context, caller: string, key: string): Promise<string | null> {
  return (await keptAnswer(ctx.db, { caller, key, request: '' }))?.answer ?? null;
}
