import type { Context } from '../../context.ts';
import type { Notice } from '../../infra/gateway/gateway.ts';
import { errorFacts } from '../../infra/logger.ts';
import { isConnectionFault } from '../../infra/postgres/db.ts';
import { closeWebhook, type InboxRow, retryWebhook, waitingWebhooks } from '../../infra/postgres/inbox.ts';
import { onboardingBySession } from '../../infra/postgres/onboardings.ts';
import { followSession } from '../onboarding/check-onboardings.ts';
import { endToken } from '../onboarding/end-token.ts';
import { followPayment } from './follow-payment.ts';

const BATCH = 200;

/** What became of a webhook; `later` is tried again. */
export type Fate = { readonly status: 'processed' | 'ignored' | 'mismatched' | 'later'; readonly note: string | null };

/** Processes what was received, in any order: nothing here depends on which webhook came first. */
export async function processWebhooks(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const waiting = await waitingWebhooks(ctx.db, ctx.buckets, now, BATCH);
    for (const row of waiting) await processOne(ctx, row, now);
    if (waiting.length < BATCH) return;
  }
}

/** One that cannot be processed now never blocks the others: it comes back later and later. */
async function processOne(ctx: Context, row: InboxRow, now: Temporal.Instant): Promise<void> {
  const fate = await fateOf(ctx, row, now);
  if (fate.status !== 'later') {
    if (fate.status === 'mismatched')
      ctx.log.error('webhook does not match', { webhook: row.id, about: row.event, why: fate.note });
    return await closeWebhook(ctx.db, row, fate.status, fate.note, now);
  }
  const minutes = Math.min(2 ** Math.min(row.tries, 8), 240);
  await retryWebhook(ctx.db, row, now.add({ minutes }), fate.note ?? '');
}

async function fateOf(ctx: Context, row: InboxRow, now: Temporal.Instant): Promise<Fate> {
  try {
    return await follow(ctx, ctx.gateway.readNotice(row.body), now);
  } catch (error) {
    // A database that is away is no fault of this webhook: the run ends, and the next one begins with it.
    if (isConnectionFault(error)) throw error;
    ctx.log.error('webhook could not be processed', { webhook: row.id, ...errorFacts(error) });
    return { status: 'later', note: 'an internal error; see the log' };
  }
}

async function follow(ctx: Context, notice: Notice, now: Temporal.Instant): Promise<Fate> {
  switch (notice.kind) {
    case 'payment':
      return await followPayment(ctx, notice, now);
    case 'session': {
      const onboarding = await onboardingBySession(ctx.db, notice.session.sessionId);
      if (onboarding === null) return { status: 'ignored', note: 'the session is none of ours' };
      await followSession(ctx, onboarding, notice.session, now);
      return { status: 'processed', note: null };
    }
    case 'token':
      return await endToken(ctx, notice.tokenId, notice.status, now);
    case 'other':
      return { status: 'ignored', note: 'nothing follows from this event' };
  }
}
