import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { momentText } from '../../domain/calendar/moment-text.ts';
import { isOpenDispute } from '../../domain/disputes/dispute.ts';
import { isSoon, LOOKING, nextLook } from '../../domain/disputes/looks.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { disputeOf, disputesDue, putOffLook } from '../../infra/tables/disputes/disputes.ts';
import type { DisputeRow } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import { turnToLook } from '../charges/look-up.ts';
import { ofAccount } from '../control/of-account.ts';
import { followSaid } from './follow-dispute.ts';

const BATCH = 64;
const AT_ONCE = 4;

/** Asks about disputes that are open, should their webhooks be lost, and tells of those that have to be answered soon. */
export async function workDisputes(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const due = await disputesDue(ctx.db, ctx.buckets, now, BATCH);
    await pMap(due, (dispute) => lookSafely(ctx, dispute, now), { concurrency: AT_ONCE });
    if (due.length < BATCH) return;
  }
}

async function lookSafely(ctx: Context, dispute: DisputeRow, now: Temporal.Instant): Promise<void> {
  const until = now.add(LOOKING);
  if (!(await putOffLook(ctx.db, dispute, { nextAt: until }))) return;
  try {
    await look(ctx, dispute);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('dispute cannot be looked at', { dispute: dispute.disputeId, ...errorFacts(error) });
  }
  await plan(ctx, dispute.disputeId, now);
}

/** What Xendit does not say is asked again tomorrow: where it has no such call, webhooks alone tell. */
async function look(house: Context, { disputeId, account }: DisputeRow): Promise<void> {
  const ctx = ofAccount(house, account);
  if (!(await turnToLook(ctx))) return;
  const answer = await ctx.gateway.disputeById(disputeId);
  if (answer.kind === 'ok') await followSaid(ctx, answer.value, turnToLook);
}

async function plan(ctx: Context, disputeId: string, now: Temporal.Instant): Promise<void> {
  const dispute = await disputeOf(ctx.db, disputeId);
  if (dispute === null || !isOpenDispute(dispute.state)) return;
  const tells = dispute.state === 'action_required' && dispute.warnedAt === null && isSoon(dispute.answerBy, now);
  const nextAt = nextLook(dispute.answerBy, now);
  const isOurs = await putOffLook(ctx.db, dispute, tells ? { nextAt, warnedAt: now } : { nextAt });
  if (isOurs && tells) tell(ctx, dispute);
}

function tell({ log }: Context, { disputeId, chargeId, answerBy }: DisputeRow): void {
  const last = answerBy === null ? '' : momentText(answerBy.toString(), 'UTC');
  const way_out = 'accept or challenge it in Xendit’s dashboard; what nobody answers is lost';
  log.error('dispute has to be answered soon', { dispute: disputeId, charge_id: chargeId, answer_by: last, way_out });
}
