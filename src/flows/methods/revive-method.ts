import type { Context } from '../../context.ts';
import type { EntryKind } from '../../domain/books/ledger.ts';
import { isToBePaid, replanned, untilResumed } from '../../domain/charges/waits.ts';
import { revived } from '../../domain/methods/token-moves.ts';
import { applyChanges, type Change } from '../../infra/tables/change/changes.ts';
import { attemptsOf } from '../../infra/tables/charges/attempts.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import { type TokenDossier, tokenDossiers } from '../../infra/tables/methods/tokens.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { owingAfter } from '../change/owing-after.ts';
import { record } from '../change/record.ts';
import { LOST, untilApplied } from '../change/until-applied.ts';
import { oneEach } from './end-method.ts';
import { methodsOf, ranking } from './ranking.ts';

/** Declines that were no fault of the method: their codes, and since when it may have been ended for one of them. */
export type Mistaken = {
  readonly codes: readonly (string | null)[];
  readonly since: Temporal.Instant;
  readonly why: string;
};

/**
 * Takes back that a payment method ended, for every subscription that is charged to it, as `endMethod` ended it for all. What
 * came to wait for its customer only because the method was over is tried as it was planned.
 */
export async function reviveMethod(
  ctx: Context,
  tokenId: string,
  mistaken: Mistaken,
  now: Temporal.Instant,
): Promise<void> {
  const round = async () => {
    const dead = (await tokenDossiers(ctx.db, tokenId)).filter(({ token }) => isMistaken(token, mistaken));
    if (dead.length === 0) return undefined;
    const changes = await Promise.all(oneEach(dead).map((dossier) => revivedOf(ctx, dossier, mistaken.why, now)));
    await applyChanges(ctx.db, ctx.buckets, changes);
    return LOST;
  };
  await untilApplied(round, () => undefined);
}

function isMistaken({ status, endedReason, endedAt }: TokenDossier['token'], { codes, since }: Mistaken): boolean {
  if (status !== 'dead' || endedAt === null) return false;
  return codes.includes(endedReason) && Temporal.Instant.compare(endedAt, since) >= 0;
}

async function revivedOf(ctx: Context, dossier: TokenDossier, why: string, now: Temporal.Instant): Promise<Change> {
  const { token, subscription } = dossier;
  const open = await openChargesOf(ctx.db, subscription.id);
  const waiting = open.filter((one) => one.status === 'due' && one.waitsUntil && !one.waitsFor && !isToBePaid(one));
  const planned = await Promise.all(waiting.map((charge) => asPlanned(ctx, charge, why, now)));
  const charges = planned.filter((charge) => charge !== null);
  const left = waiting.filter(
    ({ inDunning, id }) => inDunning && charges.some((one) => one.id === id && !one.inDunning),
  );
  const inDunning = subscription.inDunning - left.length;
  const after = await owingAfter(ctx, subscription, inDunning, charges, now);
  const tokens = [revived(token)];
  const order = (await methodsOf(ctx, subscription)).map((one) => tokens.find(({ id }) => id === one.id) ?? one);
  const ranked = order.length > 1 ? ranking(subscription, order, [], now) : null;
  const about = { ...dossier, channel: token.channelCode };
  const write = (kind: EntryKind, subject: object = {}) =>
    record(ctx.newId(token.bucket), now, kind, { ...about, ...subject }, { why });
  return {
    seen: subscription,
    ...ranked,
    subscription: { ...after, ...ranked?.subscription },
    charges: subscription.status === 'paused' ? charges.map((one) => untilResumed(one)) : charges,
    tokens,
    entries: [
      write('token.saved'),
      ...charges.map((charge) => write('charge.released', { charge })),
      ...(after.status === subscription.status ? [] : [write(`subscription.${after.status}`)]),
    ],
  };
}

/** When it would have been tried; null for one that waits for its customer since it was declined itself. */
async function asPlanned(
  ctx: Context,
  charge: ChargeRow,
  note: string,
  now: Temporal.Instant,
): Promise<ChargeRow | null> {
  const last = (await attemptsOf(ctx.db, charge.bucket, charge.id)).at(-1);
  const decision = last?.decision ?? null;
  if (last !== undefined && decision?.kind !== 'retry' && decision?.kind !== 'release') return null;
  const at = decision?.at == null ? now : Temporal.Instant.from(decision.at);
  const nextAttemptAt = Temporal.Instant.compare(at, now) > 0 ? at : now;
  return replanned(charge, nextAttemptAt, note);
}
