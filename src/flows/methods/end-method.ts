import type { Context } from '../../context.ts';
import { ended, type TokenEnd } from '../../domain/methods/token-moves.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type TokenDossier, tokenDossiers } from '../../infra/tables/methods/tokens.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { applyEach } from '../change/apply-each.ts';
import { record } from '../change/record.ts';
import { LOST, untilApplied } from '../change/until-applied.ts';
import { type Alternatives, alternativesOf, rankedAfter } from './next-method.ts';
import { methodsOf } from './ranking.ts';

/** How a payment method ended, in one sentence why, who said so, and when: what was saved after that is another saving, and lives on. */
export type Ending = {
  readonly as: TokenEnd;
  readonly why: string;
  readonly actor: string;
  readonly at: Temporal.Instant;
};

/**
 * Ends a payment method for every subscription that is charged to it: each has its own mandate and its own ledger. First for those
 * whose rows are free: one that somebody holds must not keep the others on a dead method.
 * `busy`: it is still active for some, which were held, or being changed all the time; `endTheRest` comes back for them.
 */
export async function endMethod(
  ctx: Context,
  tokenId: string,
  ending: Ending,
  now: Temporal.Instant,
): Promise<'ended' | 'known' | 'busy'> {
  let answer: 'ended' | 'known' = 'known';
  let skipLocked = true;
  const left = new Set<string>();
  const round = async () => {
    const dossiers = await tokenDossiers(ctx.db, tokenId);
    const alive = dossiers.filter(
      ({ token }) => token.status === 'active' && Temporal.Instant.compare(token.savedAt, ending.at) <= 0,
    );
    const free = alive.filter(({ subscription }) => !left.has(subscription.id));
    if (free.length === 0) return alive.length === 0 ? answer : 'busy';
    const changes = await Promise.all(oneEach(free).map((dossier) => endedOf(ctx, dossier, ending, now)));
    const { done, held, broken } = await applyEach(ctx, changes, { skipLocked });
    skipLocked = false;
    for (const id of [...held, ...broken]) left.add(id);
    if (done.size > 0) answer = 'ended';
    return LOST;
  };
  return await untilApplied<'ended' | 'known' | 'busy'>(round, () => 'busy');
}

/** A statement changes a subscription once; what else it has of the method ends with the next round. */
export function oneEach(dossiers: readonly TokenDossier[]): readonly TokenDossier[] {
  return [...new Map(dossiers.map((dossier) => [dossier.subscription.id, dossier])).values()];
}

async function endedOf(
  ctx: Context,
  dossier: TokenDossier,
  { as, why, actor, at }: Ending,
  now: Temporal.Instant,
): Promise<Change> {
  const { token, subscription } = dossier;
  const about = { ...dossier, channel: token.channelCode };
  const tokens = [ended(token, as, why, at)];
  const others = subscription.spareMethods > 0 ? await othersOf(ctx, subscription, now) : null;
  return {
    seen: subscription,
    tokens,
    ...(others === null ? {} : rankedAfter(subscription, others, tokens, false, now)),
    entries: [record(ctx.newId(token.bucket), now, 'token.ended', about, { why, actor })],
  };
}

/**
 * Of a row that cannot be worked with nobody can tell which method comes next. Its method ends all the same, and that of the others with
 * it: once the row is mended, the charge would go out over the dead one. Whoever charges it then finds the next one.
 */
async function othersOf(ctx: Context, subscription: SubscriptionRow, now: Temporal.Instant): Promise<Alternatives> {
  try {
    return await alternativesOf(ctx, subscription, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('subscription cannot be worked with', { subscription_id: subscription.id, ...errorFacts(error) });
    return { order: await methodsOf(ctx, subscription), next: null };
  }
}
