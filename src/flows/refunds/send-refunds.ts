import pMap from 'p-map';
import type { AccountContext, Context } from '../../context.ts';
import { nextSearch, nextTry, SENDING } from '../../domain/refunds/looks.ts';
import { failed, lost, putOff, sent } from '../../domain/refunds/moves.ts';
import { type Refusal, refusalOf } from '../../domain/refunds/refusal.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { Answer } from '../../infra/gateway/gateway.ts';
import type { Refund } from '../../infra/gateway/refund.ts';
import { errorFacts } from '../../infra/logger.ts';
import { chargeDossier } from '../../infra/tables/charges/charges.ts';
import type { Permit } from '../../infra/tables/control/binding.ts';
import { pauseEndpoint } from '../../infra/tables/control/pace.ts';
import { isDisputed } from '../../infra/tables/disputes/disputes.ts';
import { keepRefund, refundOf, refundsDue } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { isApplied, LOST, untilApplied } from '../change/until-applied.ts';
import { turnToLook } from '../charges/look-up.ts';
import { mayCharge } from '../control/may-charge.ts';
import { ofAccount } from '../control/of-account.ts';
import { DISPUTED } from './ask-refund.ts';
import { isLeftFor } from './payments-of-charge.ts';
import { refundEntry } from './refund-entry.ts';
import { searchRefund } from './search-refund.ts';
import { settleRefund } from './settle-refund.ts';

const BATCH = 64;
const AT_ONCE = 4;
/** How soon a refund shows in Xendit's list is not documented (docs/xendit.md 5). */
const BELIEVED_AFTER = { hours: 1 } as const;

/**
 * Asks Xendit for the refunds that may be asked for. Each is written down as sent before the call and is never sent again by itself:
 * Xendit documents no key by which a second call would be the same refund (docs/xendit.md 4.4). Where charging is stopped or not
 * armed nothing is sent: a copy of a database gives nobody money.
 */
export async function sendRefunds(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const due = await refundsDue(ctx.db, ctx.buckets, ['approved'], await ctx.clock.now(), BATCH);
    const byAccount = [...Map.groupBy(due, ({ account }) => account)];
    const sent = await Promise.all(byAccount.map(([account, some]) => sendSome(ofAccount(ctx, account), some)));
    if (due.length < BATCH || !sent.includes(true)) return;
  }
}

/** Those of one account; false where nothing is sent for it just now. */
async function sendSome(ctx: AccountContext, due: readonly RefundRow[]): Promise<boolean> {
  const may = await mayCharge(ctx);
  if (may.kind === 'no') return false;
  await pMap(due, (refund) => sendSafely(ctx, refund, may.permit), { concurrency: AT_ONCE });
  return true;
}

/** One that cannot be worked with comes back less and less often, and holds up none of the others. */
async function sendSafely(ctx: AccountContext, refund: RefundRow, permit: Permit): Promise<void> {
  try {
    if (await mayBeThere(ctx, refund, permit)) return;
    // First its turn, which may take an hour: what is claimed leaves at once, on a permit that holds now.
    if (!(await turnToLook(ctx))) return;
    const claimed = await claim(ctx, refund, permit);
    if (claimed !== null) await ask(ctx, claimed);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('refund cannot be worked with', { refund: refund.id, ...errorFacts(error) });
    await wait(ctx, await refundOf(ctx.db, refund.bucket, refund.id), 'An internal error; see the log.');
  }
}

/**
 * Rows may have been lost since it was approved, and with them that it was sent: Xendit is asked first. True: it is not sent now.
 */
async function mayBeThere(ctx: Context, refund: RefundRow, { askSince, runSince }: Permit): Promise<boolean> {
  // By when it was asked for: that it was approved since says nothing of what was sent before.
  const since = [askSince, runSince]
    .filter((one) => one !== null)
    .toSorted(Temporal.Instant.compare)
    .at(-1);
  if (since === undefined || Temporal.Instant.compare(refund.askedAt, since) > 0) return false;
  const found = await searchRefund(ctx, refund);
  if (found.kind === 'none') return await isTooSoon(ctx, refund, since.add(BELIEVED_AFTER));
  if (found.kind === 'silent')
    await wait(
      ctx,
      refund,
      `Rows may have been lost, and Xendit does not say whether it has this refund: ${found.detail}`,
    );
  return true;
}

/** Xendit's list may be late: before then that it has none proves nothing. */
async function isTooSoon(ctx: Context, refund: RefundRow, from: Temporal.Instant): Promise<boolean> {
  if (Temporal.Instant.compare(await ctx.clock.now(), from) >= 0) return false;
  const why = 'Rows may have been lost: Xendit is asked once more whether it has this refund.';
  await keepRefund(ctx.db, refund, putOff(refund, { at: from, code: null, why }));
  return true;
}

async function wait(ctx: Context, refund: RefundRow | null, why: string): Promise<void> {
  if (refund?.state !== 'approved') return;
  const now = await ctx.clock.now();
  const at = nextTry(refund.asks, refund.approvedAt ?? refund.askedAt, now);
  await keepRefund(ctx.db, refund, putOff(refund, { at, code: null, why }));
  if (at === null) tell(ctx, refund, why);
}

/** Nobody knows better than a person: it is sent no more until somebody says so. */
async function leave(ctx: Context, refund: RefundRow, why: string): Promise<void> {
  if (await keepRefund(ctx.db, refund, putOff(refund, { at: null, code: null, why }))) tell(ctx, refund, why);
}

const TAKEN =
  "Less than this is left of the charge's money, since its bank took it or it was given back: withdraw the refund.";

/** Null: somebody else sends it, it was withdrawn, or charging is no longer permitted. */
async function claim(ctx: Context, { bucket, id }: RefundRow, permit: Permit): Promise<RefundRow | null> {
  return await untilApplied<RefundRow | null>(
    async () => {
      const refund = await refundOf(ctx.db, bucket, id);
      const dossier = refund === null ? null : await chargeDossier(ctx.db, bucket, refund.chargeId);
      const now = await ctx.clock.now();
      if (refund?.state !== 'approved' || dossier === null || !isDue(refund, now)) return null;
      if (await isDisputed(ctx.db, bucket, refund.chargeId)) {
        await wait(ctx, refund, DISPUTED);
        return null;
      }
      if (!(await isLeftFor(ctx, dossier.charge, refund))) {
        await leave(ctx, refund, TAKEN);
        return null;
      }
      const after = sent(refund, now, now.add(SENDING));
      const entries = [refundEntry(ctx, dossier, after, 'refund.sent', now, { why: refund.note })];
      const change = { seen: dossier.subscription, refunds: { changed: [{ seen: refund, after }] }, entries };
      ctx.failpoint?.('before-refund-claim');
      const applied = await isApplied(ctx, change, { permit });
      ctx.failpoint?.('after-refund-claim');
      return applied ? after : LOST;
    },
    () => null,
  );
}

function isDue({ nextAt }: RefundRow, now: Temporal.Instant): boolean {
  return nextAt !== null && Temporal.Instant.compare(nextAt, now) <= 0;
}

async function ask(ctx: AccountContext, refund: RefundRow): Promise<void> {
  const answer = await ctx.gateway.refund(refund.request ?? '');
  ctx.failpoint?.('after-refund-answer');
  await heed(ctx, refund, answer);
  ctx.failpoint?.('after-refund-settle');
}

async function heed(ctx: AccountContext, refund: RefundRow, answer: Answer<Refund>): Promise<void> {
  const now = await ctx.clock.now();
  if (answer.kind === 'ok') {
    if ((await settleRefund(ctx, refund, answer.value)) === 'other')
      await lose(ctx, refund, 'Xendit answered with another refund than the one that was asked for.', now);
    return;
  }
  if (answer.kind === 'silent') return await lose(ctx, refund, `Xendit did not answer: ${answer.detail}`, now);
  if (answer.retryAfterSeconds !== null) await pauseEndpoint(ctx.db, ctx.account, 'look_ups', answer.retryAfterSeconds);
  const refusal = refusalOf(answer.status, answer.code, answer.message);
  if (refusal.then === 'look') return await lose(ctx, refund, refusal.why, now);
  if (refusal.then === 'over') return await giveUp(ctx, refund, answer.code, refusal.why);
  await postpone(ctx, refund, answer.code, refusal, now);
}

async function lose(ctx: Context, refund: RefundRow, why: string, now: Temporal.Instant): Promise<void> {
  await keepRefund(ctx.db, refund, lost(refund, nextSearch(0, refund.sentAt ?? now, now), why));
}

async function postpone(
  ctx: Context,
  refund: RefundRow,
  code: string,
  refusal: Refusal,
  now: Temporal.Instant,
): Promise<void> {
  const at = refusal.then === 'person' ? null : nextTry(refund.asks, refund.approvedAt ?? now, now);
  await keepRefund(ctx.db, refund, putOff(refund, { at, code, why: refusal.why }));
  if (at === null) tell(ctx, refund, refusal.why);
}

function tell(ctx: Context, { id, chargeId, referenceId }: RefundRow, why: string): void {
  ctx.log.error('refund waits for a person', { refund: id, charge_id: chargeId, reference_id: referenceId, why });
}

/** Xendit will never take it: nothing left, and nothing is asked again. */
async function giveUp(ctx: Context, { bucket, id }: RefundRow, code: string, why: string): Promise<void> {
  await untilApplied<void>(
    async () => {
      const refund = await refundOf(ctx.db, bucket, id);
      const dossier = refund === null ? null : await chargeDossier(ctx.db, bucket, refund.chargeId);
      if (refund?.state !== 'sent' || dossier === null) return;
      const now = await ctx.clock.now();
      const after = failed(refund, { said: null, code, why }, now);
      const entry = refundEntry(ctx, dossier, after, 'refund.failed', now, {
        outcome: 'refused',
        failureCode: code,
        why,
      });
      const change = { seen: dossier.subscription, refunds: { changed: [{ seen: refund, after }] }, entries: [entry] };
      if (!(await isApplied(ctx, change))) return LOST;
      ctx.log.error('refund was refused', { refund: id, charge_id: refund.chargeId, code, why });
    },
    () => undefined,
  );
}
