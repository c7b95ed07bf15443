import { mover } from '../legal-move.ts';
import type { ChargeStatus } from './charge.ts';

/*
 * What refunds and banks make of a charge (docs/design.md section 5). Nobody else writes these statuses.
 */

const kept: readonly ChargeStatus[] = ['paid', 'partially_refunded', 'refunded'];

/** Where a charge is by what is kept of its money, and from where it may come there; a refund may fail after all. */
export const returnMoves = {
  give_back: { paid: kept, partially_refunded: kept, refunded: kept },
} as const;

const move = mover<ChargeStatus, keyof typeof returnMoves>('A charge', returnMoves);

type Returnable = {
  readonly status: ChargeStatus;
  /** Minor units. */
  readonly amount: bigint;
  readonly collected: bigint;
  readonly overpaid: bigint;
  readonly refunded: bigint;
  readonly chargedBack: bigint;
};

/**
 * So much of the charge's money went back to its customer; with a minus, came back since its refund failed after all. What refunds left says
 * what the charge is: paid, as long as all of its amount is there; partly refunded; refunded. A charge that nobody paid, and that too much
 * came in for, stays what it is. Throws where more would have gone back than came in.
 */
export function givenBack<T extends Returnable>(charge: T, amount: bigint): T {
  const refunded = charge.refunded + amount;
  const came = charge.collected + charge.overpaid;
  const left = came - refunded;
  if (refunded < 0n || left < charge.chargedBack)
    throw new Error(`Of ${came} minor units that came in, ${refunded} cannot be given back.`);
  const after = { ...charge, refunded };
  if (!kept.includes(charge.status)) return after;
  const status = left >= charge.amount ? 'paid' : left > 0n ? 'partially_refunded' : 'refunded';
  return { ...after, status: move(charge, 'give_back', status) };
}

/**
 * The bank of its customer took so much of the charge's money; with a minus, gave so much back. What was paid stays paid: it is not charged
 * again. Throws where more would be gone than came in.
 */
export function chargedBack<T extends Returnable>(charge: T, amount: bigint): T {
  const taken = charge.chargedBack + amount;
  const came = charge.collected + charge.overpaid;
  if (taken < 0n || came - charge.refunded < taken)
    throw new Error(`Of ${came} minor units that came in, a bank cannot have ${taken}.`);
  return { ...charge, chargedBack: taken };
}
