/**
 * How long whoever wrote an attempt may be silent before another process asks about it, and what must fit in: the
 * gateway's total deadline, and that with room for the settlement. The three keep their proportion whatever the length,
 * so that a test with a short lease tests the same thing.
 */
export type Lease = {
  readonly seconds: number;
  readonly gatewayDeadlineMs: number;
  /** What is left less than this of the lease is too little to send anything. */
  readonly sendingTakesMs: number;
};

/** Outlasts 60 seconds and the gateway's total deadline (docs/design.md section 12). */
export const LEASE_SECONDS = 120;

/** The gateway has a quarter of the lease, 30 of 120 seconds; sending and settling three eighths, 45 of 120. */
export function leaseOf(seconds: number): Lease {
  return { seconds, gatewayDeadlineMs: seconds * 250, sendingTakesMs: seconds * 375 };
}
