import type { FindingKind } from '../../domain/books/finding.ts';

/** What came of comparing; payments unless it says otherwise. */
export type Tally = {
  /** Entries of Xendit's books. */
  read: number;
  /** Collected by both books. */
  matched: number;
  /** Collected by Xendit's books, and by ours only now. */
  settled: number;
  /** Under references that are not ours. */
  foreign: number;
  /** Ours, and nothing collected: failed, in flight, or gone back. */
  uncollected: number;
  /** Entries that were not understood. */
  unreadable: number;
  /** Refunds that Xendit's books have, and ours only now. */
  refunds: number;
  /** Disputes that Xendit has, and our books only now, or had otherwise. */
  disputes: number;
  /** Differences about which Xendit did not answer; left for the next time. */
  unanswered: number;
  /** Findings that were not known before. */
  readonly found: Record<FindingKind, number>;
};

/** One comparison of the books under way. */
export type Comparison = {
  readonly tally: Tally;
  /** References that Xendit's books have as collected, of the part that is read and the one before. */
  collected: Set<string>;
  before: Set<string>;
  /** References that were asked about one by one. */
  readonly asked: Set<string>;
  /** References whose difference was seen just now. */
  readonly differing: Set<string>;
};

export function newComparison(): Comparison {
  return { tally: newTally(), collected: new Set(), before: new Set(), asked: new Set(), differing: new Set() };
}

function newTally(): Tally {
  const found = {
    overpayment: 0,
    second_payment: 0,
    late_success: 0,
    unrecorded_payment: 0,
    amount_mismatch: 0,
    not_at_xendit: 0,
    unlinked_session: 0,
    returned: 0,
    unknown_refund: 0,
    dispute: 0,
  };
  const none = {
    read: 0,
    matched: 0,
    settled: 0,
    foreign: 0,
    uncollected: 0,
    unreadable: 0,
    refunds: 0,
    disputes: 0,
    unanswered: 0,
  };
  return { ...none, found };
}

/** A payment may be booked at the end of one part and settled in the next: one part back is remembered. */
export function turnPart(comparison: Comparison): void {
  comparison.before = comparison.collected;
  comparison.collected = new Set();
}

/** Why the books could not be read to the end. */
export type Fault = { readonly kind: 'stopped' | 'silent' | 'refused'; readonly text: string };
