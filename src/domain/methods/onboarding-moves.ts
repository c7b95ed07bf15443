import { type Moves, mover } from '../legal-move.ts';

/*
 * One constructor for each legal move of an onboarding (docs/design.md section 5): its status is written with all that goes
 * with it, and by nobody else.
 */

/** A try to save a method that failed inside a session, which stays open; `failure_code` null: Xendit did not say why. */
export type LastTry = { readonly failure_code: string | null; readonly at: string };

export const onboardingStatuses = ['active', 'completed', 'expired', 'canceled'] as const;
export type OnboardingStatus = (typeof onboardingStatuses)[number];

/** How a session ended; `why` where its status does not say it. */
export type SessionEnd = { readonly as: Exclude<OnboardingStatus, 'active'>; readonly why: string | null };

/** From where an onboarding may make each move, and where it is then. */
export const onboardingMoves = {
  close: { active: ['completed', 'expired', 'canceled'] },
  reopen: { completed: ['active'], expired: ['active'], canceled: ['active'] },
} as const satisfies Readonly<Record<string, Moves<OnboardingStatus>>>;

const moved = mover<OnboardingStatus, keyof typeof onboardingMoves>('A session', onboardingMoves);

/** A session that was opened at Xendit, which is asked about it then. */
export function opened(nextCheckAt: Temporal.Instant | null) {
  return { status: 'active', why: null, doubts: 0, nextCheckAt, closedAt: null } as const;
}

/** It was given up, with its reason, and Xendit tells of it after all. */
export function reopened(onboarding: { readonly status: OnboardingStatus }, now: Temporal.Instant) {
  return { ...opened(now), status: moved(onboarding, 'reopen', 'active') };
}

/** It is over, with or without a method. */
export function closed(
  onboarding: { readonly status: OnboardingStatus },
  { as, why }: SessionEnd,
  now: Temporal.Instant,
) {
  return { status: moved(onboarding, 'close', as), why, nextCheckAt: null, closedAt: now };
}
