/**
 * What Xendit says of a dispute. `action_required`: the merchant has to answer by a day. `under_review`: it did. `won`, `lost`: it is over
 * (docs/xendit.md 4.5).
 */
export const disputeStates = ['action_required', 'under_review', 'won', 'lost'] as const;
export type DisputeState = (typeof disputeStates)[number];

const openDisputeStates = ['action_required', 'under_review'] as const;
type OpenDisputeState = (typeof openDisputeStates)[number];

export function isOpenDispute(state: DisputeState): state is OpenDisputeState {
  return (openDisputeStates as readonly DisputeState[]).includes(state);
}

/** What decides how much of a payment its bank has at the moment; minor units. */
type Taking = {
  readonly state: DisputeState;
  readonly channel: string | null;
  readonly amount: bigint;
  /** What it came to in the end; null until it is over, and where nobody says. */
  readonly terminal: bigint | null;
};

/** What the bank has of the payment: of a card all of it while the dispute lasts, of anything else only what was lost. */
export function takenBy({ state, channel, amount, terminal }: Taking): bigint {
  if (state === 'won') return 0n;
  if (state === 'lost') return terminal ?? amount;
  return channel === 'CARDS' ? amount : 0n;
}

/** How well two tellings of a dispute are told apart in time. */
type Telling = { readonly state: DisputeState; readonly toldAt: Temporal.Instant | null };

/**
 * Whether something is told that was so before what is known: webhooks come in any order. Where Xendit dates neither, what is open does not
 * follow what is over.
 */
export function isOlder(said: Telling, known: Telling): boolean {
  const wasOver = !isOpenDispute(known.state) && isOpenDispute(said.state);
  if (said.toldAt === null || known.toldAt === null) return wasOver;
  const order = Temporal.Instant.compare(said.toldAt, known.toldAt);
  return order < 0 || (order === 0 && wasOver);
}
