/*
 * One constructor for each legal move of an onboarding (docs/design.md section 5): its status is written with all that goes
 * with it, and by nobody else. From where it may be made is said by the statement that writes it, which is guarded.
 */

export const onboardingStatuses = ['active', 'completed', 'expired', 'canceled'] as const;
export type OnboardingStatus = (typeof onboardingStatuses)[number];

/** How a session ended; `why` where its status does not say it. */
export type SessionEnd = { readonly as: Exclude<OnboardingStatus, 'active'>; readonly why: string | null };

/** A session that was opened at Xendit, which is asked about it then. */
export function opened(nextCheckAt: Temporal.Instant | null) {
  return { status: 'active', why: null, doubts: 0, nextCheckAt, closedAt: null } as const;
}

/** It is over, with or without a method. */
export function closed({ as, why }: SessionEnd, now: Temporal.Instant) {
  return { status: as, why, nextCheckAt: null, closedAt: now };
}
