import type { Context } from '../../context.ts';
import { askAboutLost } from '../billing/ask-about-lost.ts';
import { closeActions } from '../billing/close-actions.ts';
import { onDueDate } from '../billing/on-due-date.ts';
import { rescueAttempts } from '../billing/rescue-attempts.ts';
import { checkOnboardings } from '../onboarding/check-onboardings.ts';
import { processWebhooks } from '../webhooks/process-webhooks.ts';
import { pruneInbox } from '../webhooks/prune-inbox.ts';
import { watchClock } from './watch-clock.ts';

/** All that is due now, once: what came in first, then what is owed, then what nobody answered. */
export async function workDue(ctx: Context): Promise<void> {
  await watchClock(ctx);
  await processWebhooks(ctx);
  await checkOnboardings(ctx);
  await closeActions(ctx);
  await onDueDate(ctx);
  if (await askAboutLost(ctx)) await onDueDate(ctx);
  await rescueAttempts(ctx);
  await pruneInbox(ctx);
}
