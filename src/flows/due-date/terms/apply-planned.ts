import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { plannedToApply } from '../../../infra/tables/subscriptions/terms.ts';
import { applyEach, decideEach } from '../../change/apply-each.ts';
import { isOverdue } from '../open-overdue.ts';
import { appliedOnItsDay } from './applied-on-its-day.ts';

const BATCH = 256;
/** Rounds in a row in which somebody else was faster: enough for any race, and an end to a bug. */
const MOST_IDLE_ROUNDS = 20;

/** Applies the changes that were planned for a day in the middle of a period, once it has come. */
export async function applyPlanned(ctx: Context, now: Temporal.Instant): Promise<void> {
  const broken = new Set<string>();
  for (let idle = 0; idle < MOST_IDLE_ROUNDS; ) {
    const ids = await plannedToApply(ctx.db, ctx.buckets, now, BATCH + broken.size);
    const found = await Promise.all(
      ids.filter((id) => !broken.has(id)).map((id) => subscriptionDossier(ctx.db, bucketOf(id), id)),
    );
    // What has fallen due of one is opened first, under the terms that held until the day.
    const dossiers = found.filter((one) => one !== null).filter(({ subscription }) => !isOverdue(subscription, now));
    if (dossiers.length === 0) return;
    const { decided, broken: undecided } = await decideEach(ctx, dossiers, (dossier) => changeOf(ctx, dossier, now));
    const applied = await applyEach(ctx, decided);
    for (const id of [...undecided, ...applied.broken, ...applied.held]) broken.add(id);
    idle = applied.done.size > 0 ? 0 : idle + 1;
  }
}

async function changeOf(ctx: Context, dossier: SubscriptionDossier, now: Temporal.Instant): Promise<Change> {
  const change = await appliedOnItsDay(ctx, dossier, now);
  return change ?? { seen: dossier.subscription, entries: [] };
}
