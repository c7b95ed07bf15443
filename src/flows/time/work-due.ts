import type { Context } from '../../context.ts';
import { chargeSubAccounts } from '../accounts/charge-sub-accounts.ts';
import { watchClock } from '../control/watch-clock.ts';
import { workDisputes } from '../disputes/work-disputes.ts';
import { closeActions } from '../due-date/actions/close-actions.ts';
import { endActions } from '../due-date/actions/end-actions.ts';
import { onDueDate } from '../due-date/on-due-date.ts';
import { workRepricings } from '../edits/repricing/work-repricings.ts';
import { tellOfOwed } from '../edits/tell-of-owed.ts';
import { processWebhooks } from '../inbox/process-webhooks.ts';
import { pruneInbox } from '../inbox/prune-inbox.ts';
import { endTheRest } from '../methods/end-the-rest.ts';
import { tellOfExpiring } from '../methods/tell-of-expiring.ts';
import { checkOnboardings } from '../onboarding/check-onboardings.ts';
import { checkPaySessions } from '../paying/check-pay-sessions.ts';
import { workRefunds } from '../refunds/work-refunds.ts';
import { askAboutLost } from '../rescue/ask-about-lost.ts';
import { rescueAttempts } from '../rescue/rescue-attempts.ts';

/** All that is due now, once: what came in first, then what is owed, then what nobody answered. */
export async function workDue(ctx: Context): Promise<void> {
  await watchClock(ctx);
  await processWebhooks(ctx);
  await checkOnboardings(ctx);
  await checkPaySessions(ctx);
  await closeActions(ctx);
  await endActions(ctx);
  await onDueDate(ctx);
  await chargeSubAccounts(ctx);
  if (await askAboutLost(ctx)) {
    await onDueDate(ctx);
    await chargeSubAccounts(ctx);
  }
  await rescueAttempts(ctx);
  await workRefunds(ctx);
  await workDisputes(ctx);
  await endTheRest(ctx);
  await tellOfExpiring(ctx);
  await workRepricings(ctx);
  await tellOfOwed(ctx);
  await pruneInbox(ctx);
}
