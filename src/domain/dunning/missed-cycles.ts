import type { Cycle } from '../calendar/cycle.ts';
import type { MissedCycles } from '../catalog/plan.ts';
import { fallsIn, type Rest } from '../subscriptions/pause.ts';

/** What becomes of a cycle that fell due: charged, held for a person, or void with its reason. */
export type Opening = {
  readonly cycle: Cycle;
  readonly becomes: 'due' | 'held' | 'void';
  readonly missed: boolean;
  readonly why: string;
};

export type MissedPolicy = {
  readonly missedCycles: MissedCycles;
  readonly missedAfterHours: number;
  /** Cycles that fall due in a pause are opened as void: each has its row, none is owed. */
  readonly rest: Rest | null;
};

/**
 * Opens cycles of one subscription that have fallen due, oldest first (docs/design.md section 6). A cycle found more than
 * `missed_after` past its due instant was missed: the daemon was down, not the customer.
 */
export function openCycles(due: readonly Cycle[], policy: MissedPolicy, now: Temporal.Instant): readonly Opening[] {
  const newest = due.at(-1)?.number;
  return due.map((cycle) => {
    if (policy.rest !== null && fallsIn(policy.rest, cycle))
      return opening(cycle, 'void', false, 'the subscription was paused when this cycle fell due');
    if (!isMissed(cycle, policy, now)) return opening(cycle, 'due', false, 'the cycle fell due');
    return openMissed(cycle, policy.missedCycles, cycle.number === newest);
  });
}

function isMissed(cycle: Cycle, policy: MissedPolicy, now: Temporal.Instant): boolean {
  return now.since(cycle.dueAt).total('hours') > policy.missedAfterHours;
}

function openMissed(cycle: Cycle, policy: MissedCycles, newest: boolean): Opening {
  switch (policy) {
    case 'all':
      return opening(cycle, 'due', true, 'missed while nothing ran; missed_cycles: all charges each');
    case 'latest':
      return newest
        ? opening(cycle, 'due', true, 'missed while nothing ran; missed_cycles: latest charges the newest')
        : opening(cycle, 'void', true, 'missed while nothing ran; missed_cycles: latest charges only the newest');
    case 'none':
      return opening(cycle, 'void', true, 'missed while nothing ran; missed_cycles: none charges none of them');
    case 'ask':
      return opening(cycle, 'held', true, 'missed while nothing ran; missed_cycles: ask lets a person decide');
  }
}

function opening(cycle: Cycle, becomes: Opening['becomes'], missed: boolean, why: string): Opening {
  return { cycle, becomes, missed, why };
}
