import type { Context } from '../../context.ts';
import { type Owned, subscriptionsToResume } from '../../infra/tables/subscriptions/subscriptions.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { resumptionOf } from '../charges/resumption.ts';

const BATCH = 256;
/** Rounds in a row in which somebody else was faster: enough for any race, and an end to a bug. */
const MOST_IDLE_ROUNDS = 20;

/**
 * Resumes the subscriptions whose pause is over by itself. Their cycles were opened before: those that fell due in the pause as
 * void, and later ones as due, whether anybody had come by to resume or not.
 * @returns whether any was resumed: where its calendar stood still, a cycle of it may have fallen due only now.
 */
export async function resumePaused(ctx: Context, now: Temporal.Instant): Promise<boolean> {
  const broken = new Set<string>();
  let resumedAny = false;
  for (let idle = 0; idle < MOST_IDLE_ROUNDS; ) {
    const found = await subscriptionsToResume(ctx.db, ctx.buckets, now, BATCH + broken.size);
    const over = found.filter(({ subscription }) => !broken.has(subscription.id));
    if (over.length === 0) return resumedAny;
    const resumed = await decideEach(ctx, over, (dossier) => changeOf(ctx, dossier, now));
    const applied = await applyEach(ctx, resumed.decided);
    for (const id of [...resumed.broken, ...applied.broken, ...applied.held]) broken.add(id);
    idle = applied.done.size > 0 ? 0 : idle + 1;
    resumedAny ||= applied.done.size > 0;
  }
  return resumedAny;
}

async function changeOf(ctx: Context, dossier: Owned, now: Temporal.Instant) {
  const onResume = dossier.subscription.pause?.on_resume ?? 'charge';
  return await resumptionOf(ctx, dossier, { onResume, actor: 'schedule' }, now);
}
