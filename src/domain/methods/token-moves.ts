/*
 * One constructor for each legal move of a saved payment method (docs/design.md section 5): its status is written with the
 * time and the reason of its end, and by nobody else.
 */

export const tokenStatuses = ['active', 'failed', 'expired', 'canceled', 'dead'] as const;
export type TokenStatus = (typeof tokenStatuses)[number];

/** How a method ends: as nobody's but ours to say (`dead`), or as Xendit says of its token. */
export type TokenEnd = Exclude<TokenStatus, 'active'>;

type Token = { readonly bucket: number; readonly id: string; readonly status: TokenStatus };

/** What a saved method is from the beginning. */
export const saved = { status: 'active' } as const;

export function ended({ bucket, id, status }: Token, end: TokenEnd, why: string, now: Temporal.Instant) {
  if (status !== 'active') throw new Error(`A payment method that is ${status} cannot end once more.`);
  return { bucket, id, status: end, endedReason: why, endedAt: now };
}

/** It was its channel's fault. */
export function revived({ bucket, id, status }: Token) {
  if (status !== 'dead') throw new Error(`A payment method that is ${status} cannot be revived.`);
  return { bucket, id, status: 'active', endedReason: null, endedAt: null } as const;
}
