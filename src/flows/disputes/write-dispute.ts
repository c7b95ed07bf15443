import type { Context } from '../../context.ts';
import { chargedBack } from '../../domain/charges/return-moves.ts';
import { isOlder, takenBy } from '../../domain/disputes/dispute.ts';
import { nextLook } from '../../domain/disputes/looks.ts';
import { raised, told } from '../../domain/disputes/moves.ts';
import { majorText } from '../../domain/money/money.ts';
import { leftBeside } from '../../domain/refunds/left.ts';
import type { Dispute } from '../../infra/gateway/dispute.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { chargeDossier } from '../../infra/tables/charges/charges.ts';
import { disputeOf } from '../../infra/tables/disputes/disputes.ts';
import { refundsOfCharge } from '../../infra/tables/refunds/refunds.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import type { DisputeRow, NewDispute } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import { findingRow } from '../change/findings/proposed-refunds.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { type Disputed, disputeEntry, takenEntry } from './dispute-entry.ts';
import type { Followed } from './followed.ts';
import { stopOthers, stopping } from './stop-charging.ts';
import { tellOfUnknown } from './tell-of-unknown.ts';

/**
 * Writes down what is told of a dispute of a payment of ours, whoever told it and however often: its charge follows, and its customer is
 * charged no more where their plans say so.
 */
export async function writeDispute(ctx: Context, said: Dispute, attempt: AttemptRow): Promise<Followed> {
  const followed = await untilApplied<Followed>(
    async () => {
      const dossier = await chargeDossier(ctx.db, attempt.bucket, attempt.chargeId);
      if (dossier === null) return { kind: 'foreign' };
      const { id: chargeId, subscriptionId } = dossier.charge;
      if (!isReadable(said, attempt)) return await tellOfUnknown(ctx, said, { subscriptionId, chargeId });
      const known = await disputeOf(ctx.db, said.disputeId);
      if (known !== null && !isSame(known, said, attempt)) return { kind: 'other' };
      const now = await ctx.clock.now();
      if (known !== null && isOlder(said, known)) return { kind: 'followed', isNew: false };
      const change = await changeOf(ctx, { dossier, attempt }, known, said, now);
      if (change === null) return { kind: 'followed', isNew: false };
      // First the others: a row that is there says that they are stopped, whoever dies on the way.
      if (known === null && said.state !== 'won') {
        const { disputeId } = said;
        await stopOthers(ctx, { disputeId, attemptId: attempt.id, bucket: attempt.bucket, subscriptionId });
      }
      if (!(await isApplied(ctx, change))) return LOST;
      tell(ctx, said, attempt);
      return { kind: 'followed', isNew: true };
    },
    tooOften(`Charge ${attempt.chargeId}`),
  );
  if (followed.kind !== 'followed') return followed;
  const written = await disputeOf(ctx.db, said.disputeId);
  if (written !== null && written.decidedAt === null && written.state !== 'won') await stopOthers(ctx, written);
  return followed;
}

/** Whether it is about money of the payment. */
function isReadable({ amount }: Dispute, { currency }: AttemptRow): boolean {
  return amount !== null && amount.currency === currency && amount.minor > 0n;
}

function isSame(known: DisputeRow, { amount }: Dispute, attempt: AttemptRow): boolean {
  return known.chargeId === attempt.chargeId && known.attemptId === attempt.id && known.amount === amount?.minor;
}

async function changeOf(
  ctx: Context,
  about: Disputed,
  known: DisputeRow | null,
  said: Dispute,
  now: Temporal.Instant,
): Promise<Change | null> {
  const { dossier } = about;
  const before = known?.held ?? 0n;
  const { held, lacks } = await heldOf(ctx, about, said, before);
  const after = rowOf(about, known, said, held, now);
  if (known !== null && isAsKnown(known, after)) return null;
  const isNew = known?.state !== after.state || known.answerBy?.equals(after.answerBy ?? now) !== true;
  // One that was won when it was first heard of has stopped nothing yet.
  const stop =
    (known?.decidedAt ?? null) === null && after.state !== 'won'
      ? await stopping(ctx, dossier, { disputeId: said.disputeId, except: dossier.charge.id }, now)
      : null;
  const taken = held - before;
  return {
    seen: dossier.subscription,
    ...(stop === null ? {} : { subscription: stop.subscription, charges: stop.charges }),
    disputes: {
      ...(known === null ? { raised: [after] } : { changed: [{ ...known, ...after }] }),
      charges: taken === 0n ? [] : [chargedBack(dossier.charge, taken)],
    },
    findings: lacks > 0n ? [findingRow(lacking(about, said, lacks), now)] : [],
    entries: [
      ...(isNew ? [disputeEntry(ctx, about, after, wordsOf(after), now)] : []),
      ...(taken === 0n ? [] : [takenEntry(ctx, about, after, taken, now)]),
      ...(stop?.entries ?? []),
    ],
  };
}

/** What the charge is without, and what the bank has beyond what the books have left of it: a refund on its way is spoken for. */
async function heldOf(
  ctx: Context,
  { dossier: { charge } }: Disputed,
  { state, channel, amount, terminal }: Dispute,
  before: bigint,
): Promise<{ readonly held: bigint; readonly lacks: bigint }> {
  const ended = terminal?.currency === charge.currency ? terminal.minor : null;
  const wanted = takenBy({ state, channel, amount: amount?.minor ?? 0n, terminal: ended });
  if (wanted <= before) return { held: wanted, lacks: 0n };
  const left = leftBeside(charge, await refundsOfCharge(ctx.db, charge.bucket, charge.id));
  const room = before + (left > 0n ? left : 0n);
  const held = wanted < room ? wanted : room;
  return { held, lacks: wanted - held };
}

function rowOf(
  { dossier: { charge, subscription }, attempt }: Disputed,
  known: DisputeRow | null,
  said: Dispute,
  held: bigint,
  now: Temporal.Instant,
): NewDispute {
  const { disputeId, channel, paymentId, openedAt, amount, ...standing } = said;
  const nextAt = nextLook(said.answerBy ?? known?.answerBy ?? null, now);
  if (known !== null) return told(known, standing, held, now, nextAt);
  return {
    bucket: charge.bucket,
    disputeId,
    customerId: charge.customerId,
    account: charge.account,
    subscriptionId: subscription.id,
    chargeId: charge.id,
    attemptId: attempt.id,
    paymentId: paymentId ?? attempt.paymentId,
    channel,
    amount: amount?.minor ?? 0n,
    currency: charge.currency,
    openedAt: openedAt ?? now,
    ...raised(standing, held, now, nextAt),
  };
}

/** Nothing is told that people or books would see. */
function isAsKnown(known: DisputeRow, after: NewDispute): boolean {
  const same = (a: Temporal.Instant | null, b: Temporal.Instant | null) =>
    a === b || (a !== null && b !== null && a.equals(b));
  return (
    known.state === after.state &&
    known.held === after.held &&
    known.reason === after.reason &&
    known.category === after.category &&
    same(known.answerBy, after.answerBy)
  );
}

function wordsOf({ state, reason, answerBy }: NewDispute): string {
  const because = reason === null ? '' : ` (${reason})`;
  switch (state) {
    case 'action_required':
      return answerBy === null
        ? `the customer disputes the payment${because}`
        : `the customer disputes the payment${because}: it has to be answered at Xendit by ${answerBy.toString()}`;
    case 'under_review':
      return `the dispute was answered, and is decided by others${because}`;
    case 'won':
      return `the dispute was won${because}`;
    case 'lost':
      return `the dispute was lost${because}`;
  }
}

function lacking({ dossier, attempt }: Disputed, { disputeId, written }: Dispute, lacks: bigint) {
  const { charge } = dossier;
  const missing = majorText({ minor: lacks, currency: charge.currency });
  const why = `The customer's bank takes ${written} of the payment, and the books have ${charge.currency} ${missing} less left of it, since money was given back: a person looks whether both are right.`;
  return {
    kind: 'dispute',
    reference: disputeId,
    subscriptionId: charge.subscriptionId,
    chargeId: charge.id,
    refund: null,
    paymentId: attempt.paymentId,
    paymentRequestId: attempt.paymentRequestId,
    why,
    closedWhy: null,
  } as const;
}

function tell(ctx: Context, { disputeId, state, written, answerBy }: Dispute, { chargeId }: AttemptRow): void {
  const about = { dispute: disputeId, charge_id: chargeId, amount: written, answer_by: answerBy?.toString() ?? null };
  if (state === 'won') ctx.log.info('dispute was won', about);
  else if (state === 'lost') ctx.log.error('dispute was lost', about);
  else if (state === 'under_review') ctx.log.info('dispute is under review', about);
  else
    ctx.log.error('payment is disputed', { ...about, way_out: 'answer it in Xendit’s dashboard before its last day' });
}
