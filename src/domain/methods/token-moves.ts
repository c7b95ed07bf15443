import { type Moves, mover } from '../legal-move.ts';

/*
 * One constructor for each legal move of a saved payment method (docs/design.md section 5): its status is written with the
 * time and the reason of its end, and by nobody else.
 */

export const tokenStatuses = ['active', 'failed', 'expired', 'canceled', 'dead'] as const;
export type TokenStatus = (typeof tokenStatuses)[number];

/** How a method ends: as nobody's but ours to say (`dead`), or as Xendit says of its token. */
export type TokenEnd = Exclude<TokenStatus, 'active'>;

/** From where a method may make each move, and where it is then. */
export const tokenMoves = {
  end: { active: ['dead', 'expired', 'failed', 'canceled'] },
  revive: { dead: ['active'] },
} as const satisfies Readonly<Record<string, Moves<TokenStatus>>>;

const moved = mover<TokenStatus, keyof typeof tokenMoves>('A payment method', tokenMoves);

type Token = { readonly bucket: number; readonly id: string; readonly status: TokenStatus };

/** What a saved method is from the beginning. */
export const saved = { status: 'active', endedReason: null, endedAt: null } as const;

/** Why a method is over that was to be saved with a payment, and was not. */
export const NOT_SAVED = 'it was paid with, and not saved';

/** What stands for a method that was never saved: it was over from the beginning, and nobody is shown it. */
export function neverSaved(now: Temporal.Instant) {
  return { status: 'failed', endedReason: NOT_SAVED, endedAt: now } as const;
}

export function ended(token: Token, end: TokenEnd, why: string, now: Temporal.Instant) {
  const { bucket, id } = token;
  return { bucket, id, status: moved(token, 'end', end), endedReason: why, endedAt: now };
}

/** It was its channel's fault. */
export function revived(token: Token) {
  const { bucket, id } = token;
  return { bucket, id, status: moved(token, 'revive', 'active'), endedReason: null, endedAt: null };
}
