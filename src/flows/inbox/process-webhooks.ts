import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { Notice } from '../../infra/gateway/gateway.ts';
import { errorFacts, type Facts } from '../../infra/logger.ts';
import { rarely } from '../../infra/rarely.ts';
import {
  bodyOf,
  closeWebhook,
  delayWebhook,
  type InboxRow,
  type Queue,
  retryWebhook,
  waitingWebhooks,
} from '../../infra/tables/inbox/inbox.ts';
import { onboardingBySession } from '../../infra/tables/methods/onboardings.ts';
import { askAboutSession } from '../onboarding/check-onboardings.ts';
import { followTokenNotice } from '../onboarding/end-token.ts';
import { adoptSession } from '../paying/adopt-session.ts';
import { askAboutPaySession } from '../paying/follow-pay-session.ts';
import { followDisputeNotice } from './follow-dispute.ts';
import { type Fate, followPayment } from './follow-payment.ts';
import { followRefundNotice } from './follow-refund.ts';

const BATCH = 64;
/** Confirmations at once: Xendit takes its time, and its allowance for look-ups is its own. */
const AT_ONCE = 16;
/** After a good day of asking, what Xendit does not confirm is not true (its own news come up to 24 h late). */
const MOST_CONFIRMATIONS = 14;
/** About a month of tries, four hours apart: longer than any key or permission is missing that somebody misses. */
const MOST_TRIES = 190;
/** Where no look-up was free, a webhook comes back with the next window of the pace, as if it had not been tried. */
const NO_TURN_FOR = { minutes: 1 } as const;

/**
 * Processes what was received, in any order: nothing here depends on which webhook came first. Each queue has a job of its
 * own, so that a customer who has just saved a method does not wait for Xendit's answers about hundreds of payments; whoever
 * works on both begins with the links.
 */
export async function processWebhooks(ctx: Context, queues: readonly Queue[] = ['links', 'others']): Promise<void> {
  for (const queue of queues) await processQueue(ctx, queue);
}

async function processQueue(ctx: Context, queue: Queue): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const waiting = await waitingWebhooks(ctx.db, ctx.buckets, queue, now, BATCH);
    await pMap(waiting, (row) => processOne(ctx, row, now), { concurrency: AT_ONCE });
    if (waiting.length < BATCH) return;
  }
}

/** One that cannot be processed now never blocks the others: it comes back later and later. */
async function processOne(ctx: Context, row: InboxRow, now: Temporal.Instant): Promise<void> {
  ctx.failpoint?.('before-webhook-processing');
  const fate = lastWord(await fateOf(ctx, row, now), row);
  ctx.failpoint?.('after-webhook-processing');
  await close(ctx, row, fate, now);
  ctx.failpoint?.('after-webhook-close');
}

async function close(ctx: Context, row: InboxRow, fate: Fate, now: Temporal.Instant): Promise<void> {
  if (fate.kind === 'no_turn') return await delayWebhook(ctx.db, row, now.add(NO_TURN_FOR), fate.note ?? '');
  if (fate.kind !== 'later' && fate.kind !== 'unconfirmed') {
    if (fate.kind === 'mismatched')
      tell(ctx, fate.note ?? '', 'webhook does not match', { webhook: row.id, about: row.event, why: fate.note });
    return await closeWebhook(ctx.db, row, fate.kind, fate.note, now);
  }
  const minutes = Math.min(2 ** Math.min(row.tries, 8), 240);
  await retryWebhook(ctx.db, row, now.add({ minutes }), fate.note ?? '');
}

/** Whoever has the callback token can send thousands of them. */
function tell({ log }: Context, why: string, event: string, facts: Facts): void {
  rarely(log).say('error', `${event}: ${why}`, event, facts);
}

function lastWord(fate: Fate, row: InboxRow): Fate {
  if (fate.kind === 'unconfirmed' && row.tries >= MOST_CONFIRMATIONS)
    return { kind: 'mismatched', note: 'Xendit was asked for more than a day, and did not confirm it' };
  if (fate.kind === 'later' && row.tries >= MOST_TRIES)
    return { kind: 'mismatched', note: `it could not be followed for a month: ${fate.note}` };
  return fate;
}

async function fateOf(ctx: Context, row: InboxRow, now: Temporal.Instant): Promise<Fate> {
  try {
    return await follow(ctx, ctx.gateway.readNotice(bodyOf(ctx.db.vault, row)), now);
  } catch (error) {
    // A database that is away is no fault of this webhook: the run ends, and the next one begins with it.
    if (isConnectionFault(error)) throw error;
    if (row.tries === 0) tell(ctx, '', 'webhook could not be processed', { webhook: row.id, ...errorFacts(error) });
    return { kind: 'later', note: 'an internal error; see the log' };
  }
}

async function follow(ctx: Context, notice: Notice, now: Temporal.Instant): Promise<Fate> {
  switch (notice.kind) {
    case 'payment':
      return await followPayment(ctx, notice, now);
    case 'session': {
      const onboarding = await onboardingBySession(ctx.db, notice.session.sessionId);
      if (onboarding === null) return await adoptSession(ctx, notice.session, now);
      if (onboarding.attemptId !== null) return await askAboutPaySession(ctx, onboarding, notice.session.status, now);
      return await askAboutSession(ctx, onboarding, notice.session.status, now);
    }
    case 'token':
      return await followTokenNotice(ctx, notice, now);
    case 'refund':
      return await followRefundNotice(ctx, notice);
    case 'dispute':
      return await followDisputeNotice(ctx, notice);
    case 'other':
      return { kind: 'ignored', note: 'nothing follows from this event' };
  }
}
