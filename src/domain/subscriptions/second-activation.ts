/** When a subscription was made, and when it became active. */
export type Activation = { readonly createdAt: Temporal.Instant; readonly activatedAt: Temporal.Instant | null };

/** Until when rows may have been lost, by a failover or a restart; null: never. */
export type Losses = { readonly askSince: Temporal.Instant | null; readonly runSince: Temporal.Instant | null };

/**
 * Whether its activation may be the second one: it was there before rows may have been lost, and became active only after. What
 * the first activation led to may be lost, and its cycles have the same numbers again.
 */
export function mayBeSecond({ createdAt, activatedAt }: Activation, { askSince, runSince }: Losses): boolean {
  return [askSince, runSince].some(
    (loss) =>
      loss !== null &&
      activatedAt !== null &&
      Temporal.Instant.compare(createdAt, loss) <= 0 &&
      Temporal.Instant.compare(activatedAt, loss) > 0,
  );
}
