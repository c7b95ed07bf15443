import type { AccountContext, Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { inLanes, queuesOf } from '../control/lanes.ts';
import { ofAccount } from '../control/of-account.ts';
import { attemptCharges, type ClaimedBatch } from './attempt-charges.ts';
import { areUnreached, attemptSample, settleKept } from './attempt-sample.ts';
import { claimDueCharges, orderFor } from './claim-due-charges.ts';
import { Rounds } from './rounds.ts';
import { Samples } from './samples.ts';
import { settleAnswers } from './settle-answers.ts';

/**
 * Batches under way at once: while one waits for Xendit, the next is claimed and the last is settled. More of them would
 * only wait for a connection, and use up the time that their answers may take.
 */
const LANES = 6;
/** Queues that batches are claimed from side by side: the next is looked for while one is being claimed. */
const QUEUES = 3;

/**
 * What happens on a due date, to charges of the merchant's own account; those of sub-accounts are charged beside them
 * (flows/accounts/charge-sub-accounts.ts). What is due is read from state, so a wake-up that comes late, twice or not at all loses
 * nothing: run it as often as you like, in as many processes as you like.
 */
export async function onDueDate(given: Context): Promise<void> {
  const ctx = ofAccount(given, OWN_ACCOUNT);
  const rounds = new Rounds(ctx);
  await rounds.make(await ctx.clock.now());
  const hadKept = await chargeDue(ctx, rounds);
  if ((await rounds.end()) || hadKept) await chargeDue(ctx, rounds);
}

/** Whether answers were kept to the end: other charges of their customers could not be claimed before those were settled. */
export async function chargeDue(ctx: AccountContext, rounds: Rounds | null): Promise<boolean> {
  const samples = new Samples();
  let hadKept = false;
  try {
    await chargeAll(ctx, samples, rounds);
  } finally {
    hadKept = await settleKept(ctx, samples);
  }
  return hadKept;
}

async function chargeAll(ctx: AccountContext, samples: Samples, rounds: Rounds | null): Promise<void> {
  if (!(await chargeFirst(ctx, samples, rounds))) return;
  // Who comes first must be seen among all; where it does not matter, each queue has buckets of its own.
  const shares = orderFor(ctx) === 'urgency' ? [ctx.buckets] : queuesOf(ctx, QUEUES);
  const queues = shares.map((buckets) => claimDueCharges(ctx, buckets, samples, rounds));
  await inLanes(queues, LANES, (batch) => attemptAndSettle(ctx, batch, samples));
}

/** One goes by itself first: what is wrong with the account as a whole shows on it, not on hundreds. */
async function chargeFirst(ctx: AccountContext, samples: Samples, rounds: Rounds | null): Promise<boolean> {
  for await (const batch of claimDueCharges(ctx, ctx.buckets, samples, rounds, 1)) {
    await attemptAndSettle(ctx, batch, samples);
    return true;
  }
  return false;
}

async function attemptAndSettle(ctx: AccountContext, batch: ClaimedBatch, samples: Samples): Promise<void> {
  const { sample } = batch;
  if (sample !== null) return await attemptSample(ctx, { ...batch, sample }, samples);
  for await (const answers of attemptCharges(ctx, batch)) {
    await settleAnswers(ctx, answers);
    samples.over ||= areUnreached(answers);
  }
}
