import type { AccountContext, Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { type ChargeDossier, dueCharges, type Order } from '../../infra/tables/charges/charges.ts';
import type { Permit } from '../../infra/tables/control/binding.ts';
import { reserve } from '../../infra/tables/control/pace.ts';
import { type SteadyContext, steady } from '../catalog/follow-catalog.ts';
import { applyEach } from '../change/apply-each.ts';
import { admittedOf, orPutOff, putOffAside } from '../charges/admit-charges.ts';
import { type WrittenAttempt, writeAttempt } from '../charges/write-attempt.ts';
import { isOverStopped, keyOf, parkForChannel } from '../charging/park-charges.ts';
import { ClaimFailures } from '../control/claim-failures.ts';
import { mayCharge } from '../control/may-charge.ts';
import { countedDay } from '../control/spending-brake.ts';
import { waitForPace } from '../control/wait-for-pace.ts';
import type { ClaimedBatch } from './attempt-charges.ts';
import { type Part, Samples } from './samples.ts';

/** Charges claimed at once. Small, since what is claimed is what a crash leaves to be asked about. */
const BATCH = 256;
/** Requests a minute that Xendit would have to allow to be no limit for one process. */
const FASTER_THAN_WE_ARE = 100_000;

/** What must not wait for the last charge of a run; whether it was its time. */
type Rounding = { make(now: Temporal.Instant): Promise<boolean> };

/** Claims the due charges of an account in these buckets batch by batch until none is left, charging is stopped, or the process is told to end. */
export async function* claimDueCharges(
  ctx: AccountContext,
  buckets: readonly number[],
  samples = new Samples(),
  rounds: Rounding | null = null,
  size = BATCH,
): AsyncGenerator<ClaimedBatch> {
  const failures = new ClaimFailures();
  while (!ctx.stopping.aborted && !samples.over) {
    const now = await ctx.clock.now();
    // A round takes its time: what may be charged is judged by the clock as it is then.
    if ((await rounds?.make(now)) === true) continue;
    const looked = await look(ctx, now, { buckets, size, failures, samples });
    if (looked === 'nothing') return;
    if (looked === 'wait') continue;
    yield* claimParts(looked, { failures, samples }, now);
  }
}

/** Who comes first matters where it is the pace that makes the others wait. */
export function orderFor(ctx: Context): Order {
  const perMinute = ctx.requestsPerMinute;
  return perMinute !== null && perMinute < FASTER_THAN_WE_ARE ? 'urgency' : 'time';
}

/** Where, how many, and what the run knows by now. */
type Wish = {
  readonly buckets: readonly number[];
  readonly size: number;
  readonly failures: ClaimFailures;
  readonly samples: Samples;
};

/** What goes together was told apart by one catalog, and is claimed by the same one. */
type Looked = { readonly ctx: SteadyContext; readonly parts: readonly Part[]; readonly permit: Permit };

/** What may be attempted now; what waits for its channel is taken off the queue, so that it is never met again. */
async function look(
  given: AccountContext,
  now: Temporal.Instant,
  { buckets, size, failures, samples }: Wish,
): Promise<Looked | 'nothing' | 'wait'> {
  const allowed = await mayCharge(given);
  if (allowed.kind === 'no') return 'nothing';
  const ctx = steady(given);
  const { exhausted } = failures;
  const without = samples.out;
  const kept = samples.keptSubscriptions;
  const most = size + exhausted.size + kept.size;
  const found = await dueCharges(ctx.db, ctx.account, buckets, now, most, orderFor(ctx), allowed.permit, without);
  // What a kept answer says of a subscription's next charge is known once that answer is settled.
  const isFresh = ({ charge }: ChargeDossier) => !exhausted.has(charge.id) && !kept.has(charge.subscriptionId);
  const untried = found.filter(isFresh).slice(0, size);
  const stopped = untried.filter((dossier) => isOverStopped(dossier, allowed.channels));
  if (stopped.length > 0) {
    await parkForChannel(ctx, stopped);
    failures.count(stopped, []);
    return 'wait';
  }
  const parts = samples.parts(oneEach(untried, countedDay(ctx, now) !== null), allowed.pauses > 0);
  if (parts.length > 0) return { ctx, parts, permit: allowed.permit };
  // Those of a channel that was left out may go by now.
  if (without.length === 0 && !samples.isOut) return 'nothing';
  await samples.nextJudged();
  return 'wait';
}

async function* claimParts(
  { ctx, parts, permit }: Looked,
  { failures, samples }: Pick<Wish, 'failures' | 'samples'>,
  now: Temporal.Instant,
): AsyncGenerator<ClaimedBatch> {
  const open = new Set(parts.flatMap(({ sample }) => (sample === null ? [] : [sample])));
  try {
    for (const { due, sample } of parts) {
      const batch = await claim(ctx, due, permit, now);
      failures.count(batch.tried, batch.dossiers);
      if (batch.isOutOfTurns) samples.over = true;
      if (batch.dossiers.length === 0) continue;
      if (sample !== null) open.delete(sample);
      yield { dossiers: batch.dossiers, claimedAt: batch.claimedAt, sample };
    }
  } finally {
    for (const sample of open) samples.end(sample, false);
  }
}

type Claimed = Omit<ClaimedBatch, 'sample'> & {
  /** Those that there was room for in the pace. */
  readonly tried: readonly ChargeDossier[];
  /** A sub-account has no turn left: it comes again, and nobody waits with it. */
  readonly isOutOfTurns: boolean;
};

/**
 * Admits, takes as many as the pace allows, writes their attempts with their whole requests, and answers only those that are
 * ours now (invariant 2). What is put off takes nothing from the pace. The catalog is a steady one: by one with a limit of a day,
 * a statement has one charge of a customer.
 */
export async function claim(
  ctx: SteadyContext,
  due: readonly ChargeDossier[],
  permit: Permit,
  now: Temporal.Instant,
): Promise<Claimed> {
  const claimedAt = ctx.monotonic();
  const admitted = await admittedOf(ctx, due, now);
  const candidates = await withinPace(ctx, admitted);
  const written = await writtenOf(ctx, candidates, now);
  const channels = [...new Set(written.map(({ dossier }) => keyOf(dossier)))];
  const day = countedDay(ctx, now);
  const options = { skipLocked: true, leaseSeconds: ctx.lease.seconds, permit: { ...permit, channels }, day };
  const changes = written.map((one) => one.change);
  ctx.failpoint?.('before-claim');
  const { done, broken } = await applyEach(ctx, changes, options);
  ctx.failpoint?.('after-claim');
  const dossiers = written.flatMap(({ dossier }) => {
    const subscription = done.get(dossier.subscription.id);
    return subscription === undefined ? [] : [{ ...dossier, subscription }];
  });
  for (const dossier of candidates) if (broken.has(dossier.subscription.id)) await putOffAside(ctx, dossier, now);
  // Somebody else is at work on every one of them: let them finish.
  if (dossiers.length === 0 && written.length > 0) await ctx.sleep(20);
  const isOutOfTurns = ctx.account !== OWN_ACCOUNT && candidates.length < admitted.length;
  return { dossiers, claimedAt, tried: admitted.length === 0 ? due : candidates, isOutOfTurns };
}

/** As many as Xendit allows now; where that is none, the merchant's own account waits for it, and the clock has moved on. */
async function withinPace(ctx: AccountContext, admitted: readonly ChargeDossier[]): Promise<readonly ChargeDossier[]> {
  if (admitted.length === 0) return [];
  const permits = await reserve(ctx.db, ctx.account, 'payment_requests', ctx.requestsPerMinute, admitted.length);
  if (permits.granted === 0 && ctx.account === OWN_ACCOUNT) await waitForPace(ctx, permits);
  return admitted.slice(0, permits.granted);
}

async function writtenOf(
  ctx: Context,
  dossiers: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<readonly WrittenAttempt[]> {
  const written: WrittenAttempt[] = [];
  for (const dossier of dossiers) {
    const { token, charge } = dossier;
    const tokenId = token?.tokenId ?? null;
    if (token === null || tokenId === null) continue;
    const one = await orPutOff(ctx, dossier, now, async () =>
      writeAttempt(ctx, dossier, { ...token, tokenId }, charge.note, now),
    );
    if (one !== null) written.push(one);
  }
  return written;
}

/** One charge a subscription and statement, and one missed or counted a customer: the others follow in the next batch. */
function oneEach(due: readonly ChargeDossier[], counted: boolean): readonly ChargeDossier[] {
  const seen = new Set<string>();
  return due.filter(({ charge }) => {
    const keys = charge.missed || counted ? [charge.subscriptionId, charge.customerId] : [charge.subscriptionId];
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
    return true;
  });
}
