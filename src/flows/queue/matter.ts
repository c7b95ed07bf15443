import type { FindingKind } from '../../domain/books/finding.ts';
import type { HoldReason } from '../../domain/declines/decision.ts';
import type { LimitReason } from '../../domain/money/spending-limits.ts';

/** What people are asked about, in the order of the tabs. */
export const matterKinds = [
  'held',
  'unknown',
  'missed',
  'overpaid',
  'refund',
  'books',
  'disputed',
  'stopped',
  'price',
] as const;
export type MatterKind = (typeof matterKinds)[number];

/** Something that waits for a person. */
export type Matter = {
  readonly kind: MatterKind;
  /** One matter a key. */
  readonly key: string;
  /** "No answer in a day: sub-11873, cycle 4". */
  readonly title: string;
  /** Where all of it stands. */
  readonly path: string;
  /** What happened, and why dueday does not decide it. */
  readonly story: readonly string[];
  /** What comes if nobody acts. */
  readonly otherwise: string;
  readonly stake: { readonly amount: number; readonly currency: string } | null;
  readonly since: Temporal.Instant;
  /** Until when it is to be decided, with what happens then; null: there is no such moment. */
  readonly decideBy: { readonly at: Temporal.Instant; readonly words: string } | null;
  /** What it has in common with others; null: nothing. */
  readonly cause: string | null;
  /** The charge that may be decided about; null: none. */
  readonly charge: string | null;
  /** What else may be decided about: money that is to go back, or a refund of it; null: nothing. */
  readonly acts: { readonly of: 'paid_charge' | 'refund' | 'dispute'; readonly id: string } | null;
};

/** More of one source are not listed: whoever looks must not cost more the more there is. One more is read, which says that there are. */
export const MOST = 1_000;

export function kindOfHold(reason: HoldReason | LimitReason): MatterKind {
  if (reason === 'unknown_outcome') return 'unknown';
  if (reason === 'disputed') return 'disputed';
  return reason === 'missed_cycle' ? 'missed' : 'held';
}

const TOO_MUCH: readonly FindingKind[] = ['overpayment', 'second_payment', 'late_success'];

export function kindOfFinding(kind: FindingKind): MatterKind {
  if (kind === 'unknown_refund') return 'refund';
  return TOO_MUCH.includes(kind) ? 'overpaid' : 'books';
}

/** By what is to be decided first, then by what waits longest. */
export function byUrgency(a: Matter, b: Matter): number {
  const [until, other] = [a.decideBy?.at ?? null, b.decideBy?.at ?? null];
  if (until !== null && other !== null) return Temporal.Instant.compare(until, other) || byAge(a, b);
  if (until === null && other === null) return byAge(a, b);
  return until === null ? 1 : -1;
}

function byAge(a: Matter, b: Matter): number {
  return Temporal.Instant.compare(a.since, b.since) || (a.key < b.key ? -1 : 1);
}
