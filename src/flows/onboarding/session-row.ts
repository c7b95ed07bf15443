import type { Mandate } from '../../domain/methods/mandate.ts';
import { opened } from '../../domain/methods/onboarding-moves.ts';
import type { Session } from '../../infra/gateway/gateway.ts';
import type { OnboardingRow } from '../../infra/tables/schema/method-columns.ts';

/** Looks repair what a lost webhook leaves; the first one soon. */
const FIRST_LOOK = { minutes: 5 } as const;

type Of = Pick<OnboardingRow, 'bucket' | 'subscriptionId' | 'number' | 'referenceId' | 'mode' | 'attemptId'> & {
  readonly mandate: Mandate;
};

/** A session that is open at Xendit, as it is written down; what opens it on a page of the product's own is not. */
export function sessionRow(
  { mandate, ...of }: Of,
  { sessionId, paymentLinkUrl, customerId, expiresAt }: Session,
  now: Temporal.Instant,
): OnboardingRow {
  return {
    ...of,
    sessionId,
    paymentLinkUrl,
    xenditCustomerId: customerId,
    expiresAt,
    savedFor: mandate.cardOnFileType,
    recurringFrequency: mandate.recurringFrequency,
    recurringExpiry: mandate.recurringExpiry,
    ...opened(now.add(FIRST_LOOK)),
    checks: 0,
    askedAt: null,
    lastTry: null,
    createdAt: now,
  };
}
