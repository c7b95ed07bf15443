import { z } from 'zod';
import { onboardingStatuses } from '../../../domain/methods/onboarding-moves.ts';
import { sessionModes } from '../../../domain/methods/session-modes.ts';
import { instant, maybeInstant, maybeText, oneOf, text } from './fields.ts';

export const onboarding = z
  .object({
    session_id: text("Xendit's id of the session", 'ps-661f87c614802d6c402cb82d'),
    status: oneOf(onboardingStatuses, 'What became of the session'),
    mode: oneOf(sessionModes, 'How the customer is asked'),
    payment_link_url: maybeText('Where the customer saves a method', 'https://dev.xen.to/lE4EMbCN').meta({
      format: 'uri',
    }),
    components_sdk_key: text(
      'In COMPONENTS what opens the session on your page: in the answer that opened it alone, told once and kept nowhere',
      'session-661f87c614802d6c402cd82d',
    ).optional(),
    expires_at: maybeInstant('When the link is closed'),
    last_try: z
      .object({
        failure_code: maybeText('Why not, in the words of Xendit', 'CARD_DECLINED'),
        at: instant('When it was heard of'),
      })
      .optional()
      .describe("The customer's last try to save a method in it, where that failed; the session stays open"),
    why: text(
      "Why it ended without a method, where Xendit's status does not say so",
      'the method is for another country',
    ).optional(),
  })
  .nullable()
  .describe('The newest session in which the customer saves a method');
