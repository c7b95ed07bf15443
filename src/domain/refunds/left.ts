import type { RefundState } from './refund.ts';

type Came = {
  /** Minor units. */
  readonly collected: bigint;
  readonly overpaid: bigint;
  readonly refunded: bigint;
  readonly chargedBack: bigint;
};

const mayHaveLeft: readonly RefundState[] = ['sent', 'unknown', 'pending'];

/** What is left of a charge's money beside refunds that Xendit may have; one that waits here has taken nothing yet. */
export function leftBeside(
  { collected, overpaid, refunded, chargedBack }: Came,
  refunds: readonly { readonly state: RefundState; readonly amount: bigint }[],
): bigint {
  const away = refunds.reduce((sum, one) => (mayHaveLeft.includes(one.state) ? sum + one.amount : sum), 0n);
  return collected + overpaid - refunded - chargedBack - away;
}
