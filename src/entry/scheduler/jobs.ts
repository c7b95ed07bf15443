import type { Context } from '../../context.ts';
import { chargeSubAccounts } from '../../flows/accounts/charge-sub-accounts.ts';
import { sweepBooks } from '../../flows/books/sweep-books.ts';
import { watchClock } from '../../flows/control/watch-clock.ts';
import { workDisputes } from '../../flows/disputes/work-disputes.ts';
import { closeActions } from '../../flows/due-date/actions/close-actions.ts';
import { endActions } from '../../flows/due-date/actions/end-actions.ts';
import { onDueDate } from '../../flows/due-date/on-due-date.ts';
import { workRepricings } from '../../flows/edits/repricing/work-repricings.ts';
import { tellOfOwed } from '../../flows/edits/tell-of-owed.ts';
import { processWebhooks } from '../../flows/inbox/process-webhooks.ts';
import { pruneInbox } from '../../flows/inbox/prune-inbox.ts';
import { endTheRest } from '../../flows/methods/end-the-rest.ts';
import { tellOfExpiring } from '../../flows/methods/tell-of-expiring.ts';
import { checkOnboardings } from '../../flows/onboarding/check-onboardings.ts';
import { checkPaySessions } from '../../flows/paying/check-pay-sessions.ts';
import { workRefunds } from '../../flows/refunds/work-refunds.ts';
import { askAboutLost } from '../../flows/rescue/ask-about-lost.ts';
import { rescueAttempts } from '../../flows/rescue/rescue-attempts.ts';
import { advanceClock } from '../../flows/time/advance-clock.ts';
import { workDue } from '../../flows/time/work-due.ts';

export type Job = {
  readonly name: string;
  /** When it is woken at the latest, in UTC; what is due is a question to the database, not to cron. */
  readonly cron: string;
  readonly flow: (ctx: Context) => Promise<unknown>;
};

const everyMinute = '* * * * *';

/** What the daemon does, each at its own pace: a long billing run holds no webhook up. */
export const jobs: readonly Job[] = [
  { name: 'clock', cron: everyMinute, flow: watchClock },
  { name: 'billing', cron: everyMinute, flow: onDueDate },
  { name: 'billing of sub-accounts', cron: everyMinute, flow: chargeSubAccounts },
  { name: 'open actions', cron: everyMinute, flow: closeActions },
  { name: 'ended actions', cron: everyMinute, flow: endActions },
  { name: 'webhooks', cron: everyMinute, flow: (ctx) => processWebhooks(ctx, ['others']) },
  { name: 'webhooks of links', cron: everyMinute, flow: (ctx) => processWebhooks(ctx, ['links']) },
  { name: 'rescue', cron: everyMinute, flow: rescueAttempts },
  { name: 'lost attempts', cron: everyMinute, flow: lookForLost },
  { name: 'onboarding', cron: everyMinute, flow: checkOnboardings },
  { name: 'methods', cron: everyMinute, flow: endTheRest },
  { name: 'expiring methods', cron: everyMinute, flow: tellOfExpiring },
  { name: 'repricings', cron: everyMinute, flow: workRepricings },
  { name: 'owed notices', cron: everyMinute, flow: tellOfOwed },
  { name: 'payments by hand', cron: everyMinute, flow: checkPaySessions },
  { name: 'refunds', cron: everyMinute, flow: workRefunds },
  { name: 'disputes', cron: everyMinute, flow: workDisputes },
  { name: 'reconciliation', cron: everyMinute, flow: sweepBooks },
  { name: 'inbox', cron: everyMinute, flow: pruneInbox },
];

/** With a test clock all work happens in one row, so that the clock moves on only when it is done. */
export const virtualJobs: readonly Job[] = [{ name: 'test clock', cron: everyMinute, flow: advanceOrWork }];

async function lookForLost(ctx: Context): Promise<void> {
  if (await askAboutLost(ctx)) ctx.wake();
}

async function advanceOrWork(ctx: Context): Promise<void> {
  await advanceClock(ctx);
  await workDue(ctx);
}
