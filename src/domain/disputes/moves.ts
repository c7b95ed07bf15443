import { mover } from '../legal-move.ts';
import { type DisputeState, isOpenDispute } from './dispute.ts';

/*
 * One constructor for each legal move of a dispute (docs/design.md section 5). Nobody else writes the state of a dispute.
 */

/** What moves change of a dispute; the names are those of its row. */
export type DisputeStanding = {
  readonly state: DisputeState;
  readonly reason: string | null;
  readonly category: string | null;
  readonly answerBy: Temporal.Instant | null;
  /** Minor units that its charge is without at the moment. */
  readonly held: bigint;
  readonly toldAt: Temporal.Instant | null;
  readonly closedAt: Temporal.Instant | null;
  readonly nextAt: Temporal.Instant | null;
};

const open: readonly DisputeState[] = ['action_required', 'under_review'];
const all: readonly DisputeState[] = [...open, 'won', 'lost'];

/** The network decides, and may decide once more: what Xendit says last counts, also after an end. */
export const disputeMoves = {
  say: { action_required: all, under_review: all, won: all, lost: all },
} as const satisfies Readonly<Record<string, Readonly<Record<DisputeState, readonly DisputeState[]>>>>;

const legal = mover<DisputeState, keyof typeof disputeMoves>('A dispute', disputeMoves);

/** What Xendit says of a dispute, as far as it moves one. */
export type SaidOfDispute = Pick<DisputeStanding, 'state' | 'reason' | 'category' | 'answerBy' | 'toldAt'>;

/** As a dispute begins, whatever it is when it is heard of; `held`: what its charge is without by it. */
export function raised(said: SaidOfDispute, held: bigint, now: Temporal.Instant, nextAt: Temporal.Instant) {
  const isOpen = isOpenDispute(said.state);
  return { ...said, held, closedAt: isOpen ? null : now, nextAt: isOpen ? nextAt : null };
}

export function told<T extends DisputeStanding>(
  dispute: T,
  said: SaidOfDispute,
  held: bigint,
  now: Temporal.Instant,
  nextAt: Temporal.Instant,
): T {
  const state = legal({ status: dispute.state }, 'say', said.state);
  const { reason, category, answerBy, toldAt } = said;
  return {
    ...dispute,
    ...raised({ ...said, state }, held, dispute.state === state ? (dispute.closedAt ?? now) : now, nextAt),
    reason: reason ?? dispute.reason,
    category: category ?? dispute.category,
    answerBy: answerBy ?? dispute.answerBy,
    toldAt: toldAt ?? dispute.toldAt,
  };
}
