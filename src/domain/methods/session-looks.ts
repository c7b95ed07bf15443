import { type Pauses, pauseAfter } from '../declines/pauses.ts';

/**
 * What a look at a session told. `open`: its customer may still use it. `nothing`: Xendit did not say, or what it said led
 * nowhere yet. `absent`: Xendit says that there is no such thing.
 */
export type Sight = 'open' | 'nothing' | 'absent';

/** A session as far as the next look at it depends on it. */
export type Watched = {
  readonly createdAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant | null;
  /** Looks in a row that told nothing. */
  readonly doubts: number;
};

export type NextLook =
  | { readonly kind: 'later'; readonly at: Temporal.Instant; readonly doubts: number }
  | { readonly kind: 'give_up' };

/** While the link is good a webhook tells of its end; a look only repairs what was lost, less often the longer it lasts. */
const SHORTEST_MINUTES = 5;
const LONGEST_MINUTES = 60;
const PART_OF_ITS_AGE = 12;
/** Of a link that never said how long it is good. */
const UNTOLD = { hours: 24 } as const;

const PAUSES: Pauses = { first: 5, longest: 360 };
/** More than a day of them: Xendit sends its own webhooks again for that long. */
const MOST_ABSENCES = 11;
/** Two weeks of them: time enough to mend a key, and more than any link is good for. */
const MOST_DOUBTS = 62;

/** When a session is looked at next: soon at first, less and less often where nobody says anything, and not for ever. */
export function nextLook(session: Watched, sight: Sight, now: Temporal.Instant): NextLook {
  const end = session.expiresAt ?? session.createdAt.add(UNTOLD);
  if (sight === 'open' && Temporal.Instant.compare(now, end) < 0) {
    const age = now.since(session.createdAt).total('minutes');
    const minutes = Math.min(Math.max(Math.floor(age / PART_OF_ITS_AGE), SHORTEST_MINUTES), LONGEST_MINUTES);
    return { kind: 'later', at: now.add({ minutes }), doubts: 0 };
  }
  const doubts = session.doubts + 1;
  if (doubts >= (sight === 'absent' ? MOST_ABSENCES : MOST_DOUBTS)) return { kind: 'give_up' };
  return { kind: 'later', at: now.add(pauseAfter(doubts - 1, PAUSES)), doubts };
}

/** A person is told when nobody has said anything of a session for more than an hour. */
export const TOLD_AT_DOUBTS = 5;
