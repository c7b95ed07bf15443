import type { Context } from '../../context.ts';
import { attemptCharges, type ClaimedBatch } from './attempt-charges.ts';
import { claimDueCharges } from './claim-due-charges.ts';
import { giveUpWaiting } from './give-up-waiting.ts';
import { inLanes } from './lanes.ts';
import { openCharges } from './open-charges.ts';
import { settleAnswers } from './settle-answers.ts';

/** Batches under way at once: while one waits for Xendit, the next is claimed and the last is settled. */
const LANES = 4;

/**
 * What happens on a due date. What is due is read from state, so a wake-up that comes late, twice or not at all loses
 * nothing: run it as often as you like, in as many processes as you like.
 */
export async function onDueDate(ctx: Context): Promise<void> {
  const now = await ctx.clock.now();
  await openCharges(ctx, now);
  await giveUpWaiting(ctx, now);
  await inLanes(claimDueCharges(ctx), LANES, (batch) => attemptAndSettle(ctx, batch));
}

async function attemptAndSettle(ctx: Context, batch: ClaimedBatch): Promise<void> {
  try {
    for await (const answers of attemptCharges(ctx, batch)) await settleAnswers(ctx, answers);
  } finally {
    batch.finish();
  }
}
