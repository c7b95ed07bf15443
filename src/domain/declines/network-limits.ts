/** How often a card network lets one (token, amount) be tried again after declines, over a rolling window. */
export type NetworkLimit = {
  /** VISA, MASTERCARD, ... as Xendit names the network, or '*' for everything else. */
  readonly network: string;
  /** Attempts after a decline, within the window. */
  readonly reattempts: number;
  readonly windowHours: number;
};

/** `counted`: declines inside the window of the limit; of the longest window when none stops us. */
export type NetworkDelay =
  | { readonly allowed: true; readonly counted: number }
  | {
      readonly allowed: false;
      /** When enough declines have left the window. */
      readonly at: Temporal.Instant;
      readonly limit: NetworkLimit;
      readonly counted: number;
    };

const THIRTY_DAYS = 30 * 24;

/**
 * What holds where the catalog says nothing; data, because the sources disagree and the networks change it
 * (docs/xendit.md 10, as of 2026). Below the published limits, so that a rule read late costs no fee.
 */
export const defaultNetworkLimits: readonly NetworkLimit[] = [
  // Visa Core Rules, April 2026, table 7-2: 20 reattempts in 30 days; it was 15 until 19 May 2025, and PayPal still says so.
  { network: 'VISA', reattempts: 15, windowHours: THIRTY_DAYS },
  // Mastercard: 10 declined in 24 hours, 35 in 30 days, per card, merchant and amount (Checkout.com, TabaPay).
  { network: 'MASTERCARD', reattempts: 8, windowHours: 24 },
  { network: 'MASTERCARD', reattempts: 30, windowHours: THIRTY_DAYS },
  // Everything else, wallets and direct debit included: nothing is published, so as few as a normal ladder needs.
  { network: '*', reattempts: 4, windowHours: THIRTY_DAYS },
];

/**
 * Whether one more attempt stays inside the network's limits, and else from when on. `declinedAt`: the declines of the
 * same token and amount, in any order. The first try is no reattempt: with `reattempts: 4` five tries are allowed.
 */
export function networkDelay(
  limits: readonly NetworkLimit[],
  network: string | null,
  declinedAt: readonly Temporal.Instant[],
  now: Temporal.Instant,
): NetworkDelay {
  const checks = limitsOf(limits, network).map((limit) => check(limit, declinedAt, now));
  const stops = checks.filter((delay) => !delay.allowed);
  const [first, ...others] = stops;
  if (first === undefined) return { allowed: true, counted: Math.max(0, ...checks.map((delay) => delay.counted)) };
  return others.reduce((a, b) => (Temporal.Instant.compare(a.at, b.at) >= 0 ? a : b), first);
}

/** How much of each limit of a network is used: the first try and its reattempts, of those that it allows. */
export type NetworkUse = { readonly limit: NetworkLimit; readonly counted: number; readonly left: number };

export function networkUses(
  limits: readonly NetworkLimit[],
  network: string | null,
  declinedAt: readonly Temporal.Instant[],
  now: Temporal.Instant,
): readonly NetworkUse[] {
  return limitsOf(limits, network).map((limit) => {
    const { counted } = check(limit, declinedAt, now);
    return { limit, counted, left: Math.max(0, limit.reattempts + 1 - counted) };
  });
}

/** The limits of the network by name, or those of '*' when it has none of its own. */
function limitsOf(limits: readonly NetworkLimit[], network: string | null): readonly NetworkLimit[] {
  const name = network?.toUpperCase() ?? '*';
  const own = limits.filter((limit) => limit.network.toUpperCase() === name);
  return own.length > 0 ? own : limits.filter((limit) => limit.network === '*');
}

function check(limit: NetworkLimit, declinedAt: readonly Temporal.Instant[], now: Temporal.Instant): NetworkDelay {
  const opened = now.subtract({ hours: limit.windowHours });
  const inside = declinedAt
    .filter((at) => Temporal.Instant.compare(at, opened) > 0)
    .toSorted((a, b) => Temporal.Instant.compare(a, b));
  const counted = inside.length;
  const lastToLeave = inside[counted - limit.reattempts - 1];
  if (lastToLeave === undefined) return { allowed: true, counted };
  return { allowed: false, at: lastToLeave.add({ hours: limit.windowHours }), limit, counted };
}
