import type { AccountContext } from '../../context.ts';
import { isInDoubt, NO_ANSWER, SAMPLE, type Sign, signOf } from '../../domain/control/channel-sign.ts';
import { isAnswer, UNREACHABLE } from '../control/heed-refusals.ts';
import { type Answered, attemptCharges, type ClaimedBatch } from './attempt-charges.ts';
import type { Samples } from './samples.ts';
import { settleAnswers } from './settle-answers.ts';

/**
 * Sends the charges that tell whether a channel works, and settles them once all have answered: what is the channel's fault is
 * seen before any customer is held to it. So few that meet the same fault that nobody can tell wait for more of their channel.
 */
export async function attemptSample(
  ctx: AccountContext,
  batch: ClaimedBatch & { readonly sample: string },
  samples: Samples,
): Promise<void> {
  const channel = batch.dossiers[0]?.token?.channelCode ?? batch.sample;
  let works = false;
  try {
    const answers: Answered[] = [...samples.taken(channel)];
    for await (const some of attemptCharges(ctx, batch)) answers.push(...some);
    const signs = answers.map(({ outcome }) => signOf(outcome, channel));
    if (areTooFew(signs)) samples.keep(channel, answers);
    else await settleAnswers(ctx, answers);
    samples.over ||= areUnreached(answers);
    works = batch.sample === channel ? isProven(signs) : answers.some(({ outcome }) => isAnswer(outcome));
  } finally {
    samples.end(batch.sample, works);
  }
}

function areTooFew(signs: readonly Sign[]): boolean {
  return signs.length < SAMPLE && signs.every((one) => one.kind === 'fault' && one.after > 1 && one.code !== NO_ANSWER);
}

function isProven(signs: readonly Sign[]): boolean {
  return signs.some(({ kind }) => kind === 'works') && !isInDoubt(signs);
}

/** Settles what was kept for others to come, when none came; whether there was any. */
export async function settleKept(ctx: AccountContext, samples: Samples): Promise<boolean> {
  const channels = samples.keptChannels;
  for (const channel of channels) await settleAnswers(ctx, samples.taken(channel));
  return channels.length > 0;
}

/** Nothing gets through to Xendit: it is tried again later, not with every charge that is due. */
export function areUnreached(answers: readonly Answered[]): boolean {
  return answers.every(({ outcome }) => outcome.kind === 'refused' && outcome.code === UNREACHABLE);
}
