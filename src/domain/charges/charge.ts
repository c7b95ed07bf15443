import type { Money } from '../money/money.ts';

export const chargeStatuses = [
  'due',
  'attempting',
  'paid',
  'uncollectible',
  'held',
  'void',
  'refunded',
  'partially_refunded',
] as const;
export type ChargeStatus = (typeof chargeStatuses)[number];

/** What is owed, as far as decisions depend on it. */
export type Charge = {
  /** Null of an extra charge. */
  readonly cycle: number | null;
  readonly amount: Money;
  readonly status: ChargeStatus;
  /** Minor units that belong to this charge. */
  readonly collected: bigint;
  readonly dueAt: Temporal.Instant;
  /** When its row was made; later than it was due for a cycle that was missed. */
  readonly openedAt: Temporal.Instant;
  readonly firstAttemptAt: Temporal.Instant | null;
  /** Steps of the ladder already spent. */
  readonly ladderStep: number;
  /** Technical failures since the last answer of an issuer; they spend no step. */
  readonly technicalRetries: number;
  /** Requests in a row that Xendit was too busy for; they spend nothing. */
  readonly throttles: number;
  /** Since when its dunning window counts because a person had it tried after its end; null: from its own beginning. */
  readonly windowFrom: Temporal.Instant | null;
  /** Null where nobody did anything about it by hand. */
  readonly byHand: ByHand | null;
  /** Found later than the plan's `missed_after`: at most one of these a customer a day. */
  readonly missed: boolean;
  readonly catalogVersion: number;
};

/** What people did about a charge beside its ladder. */
export type ByHand = {
  /** How often somebody had it tried at once; these spend no step of the ladder. */
  readonly retries: number;
  /** Its next try, or the one that is on its way, is one of these. */
  readonly asked: boolean;
  /** When the ladder's own next try was planned while somebody has it tried in between. */
  readonly planned: string | null;
  /** How a person closed it: forgiven counts as paid; what was written off is asked for again by a person alone. Left out: not at all. */
  readonly closed?: 'forgiven' | 'written_off';
};

/** A person closes it so. */
export function closedByHand(byHand: ByHand | null, closed: NonNullable<ByHand['closed']>): ByHand {
  return { retries: byHand?.retries ?? 0, asked: false, planned: null, closed };
}

/** Somebody has it tried now; what the ladder had planned is kept, once for however many ask. */
export function askedByHand(byHand: ByHand | null, nextAttemptAt: Temporal.Instant | null): ByHand {
  const retries = (byHand?.retries ?? 0) + 1;
  const planned = byHand?.asked === true ? byHand.planned : (nextAttemptAt?.toString() ?? null);
  return { retries, asked: true, planned };
}

/** The try that somebody asked for is over. */
export function noLongerAsked(byHand: ByHand | null): ByHand | null {
  return byHand?.asked === true ? { ...byHand, asked: false, planned: null } : byHand;
}

export const openStatuses: readonly ChargeStatus[] = ['due', 'attempting', 'held'];

/** A charge that can still become paid by being tried again. */
export function isOpen(status: ChargeStatus): boolean {
  return openStatuses.includes(status);
}

/** What a success does to a charge: the first one pays it, any other is too much (invariant 6). */
export function absorbs(charge: Pick<Charge, 'status' | 'collected' | 'amount'>): boolean {
  if (charge.status === 'void' || charge.status === 'refunded' || charge.status === 'partially_refunded') return false;
  return charge.collected < charge.amount.minor;
}

/** Whether a person may void it: not while an attempt is on its way, not once money came in. */
export function canVoid(charge: Pick<Charge, 'status' | 'collected'>): boolean {
  return (
    charge.collected === 0n &&
    (charge.status === 'due' || charge.status === 'held' || charge.status === 'uncollectible')
  );
}

/** Whether a person may hold it back: while it is due, also between retries and while it waits for its customer. */
export function canHold(status: ChargeStatus): boolean {
  return status === 'due';
}

/** Whether a person may write it off: while it is owed, and no attempt is on its way. */
export function canWriteOff(status: ChargeStatus): boolean {
  return status === 'due' || status === 'held';
}

/** Whether money from elsewhere may pay it: while it is owed, and no attempt is on its way. */
export function canBePaid(status: ChargeStatus): boolean {
  return canWriteOff(status) || status === 'uncollectible';
}

/** Whether a person may have it tried at once. */
export function canRetry(status: ChargeStatus): boolean {
  return status === 'due' || status === 'uncollectible';
}

/** Why a charge cannot be paid by hand: for good, or only just `now`. */
export type NotPayable =
  | { readonly kind: 'over'; readonly as: 'paid' | 'void'; readonly why: string }
  | { readonly kind: 'now'; readonly why: string };

/** Null: its customer may pay it by hand. What is being tried, or waits for a person, may be collected otherwise. */
export function whyNotPayable(status: ChargeStatus): NotPayable | null {
  switch (status) {
    case 'due':
    case 'uncollectible':
      return null;
    case 'attempting':
      return { kind: 'now', why: 'it is being collected from the saved method' };
    case 'held':
      return { kind: 'now', why: 'it waits for a person' };
    case 'paid':
    case 'refunded':
    case 'partially_refunded':
      return { kind: 'over', as: 'paid', why: 'it is paid' };
    case 'void':
      return { kind: 'over', as: 'void', why: 'it is no longer owed' };
  }
}
