import type { Context } from '../../context.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { Owned } from '../../infra/tables/subscriptions/subscriptions.ts';
import { lookAtCharging } from '../catalog/follow-catalog.ts';
import { applyEach } from '../change/apply-each.ts';
import { openings } from './open-charges.ts';

/**
 * Opens what has fallen due of these subscriptions and is not open yet, before anything is decided that may stop them: a
 * cycle belongs to the state in which it fell due, and none lacks its row because its customer left before the schedule
 * came by (invariant 12).
 * @returns whether any of them has to be read again: it was opened, or somebody else changed it just now.
 */
export async function openOverdue(ctx: Context, dossiers: readonly Owned[], now: Temporal.Instant): Promise<boolean> {
  return (await tryOverdue(ctx, dossiers, now)).again;
}

/** As `openOverdue`, with those of which nothing can be opened, since their rows cannot be worked with. */
export async function tryOverdue(
  ctx: Context,
  dossiers: readonly Owned[],
  now: Temporal.Instant,
): Promise<{ readonly again: boolean; readonly broken: ReadonlySet<string> }> {
  const overdue = dossiers.filter(({ subscription }) => isOverdue(subscription, now)).filter(isFirstOfItsOwn);
  if (overdue.length === 0) return { again: false, broken: new Set() };
  const losses = await lookAtCharging(ctx);
  const opened = await openings(ctx, overdue, losses, now);
  const applied = await applyEach(ctx, opened.decided);
  const broken = new Set([...opened.broken, ...applied.broken]);
  const again = overdue.some(({ subscription: { id } }) => !broken.has(id) && !applied.held.has(id));
  return { again, broken };
}

/** A cycle of it has fallen due and is not open. */
export function isOverdue({ nextCycleAt }: SubscriptionRow, now: Temporal.Instant): boolean {
  return nextCycleAt !== null && Temporal.Instant.compare(nextCycleAt, now) <= 0;
}

function isFirstOfItsOwn({ subscription }: Owned, index: number, all: readonly Owned[]): boolean {
  return all.findIndex((other) => other.subscription.id === subscription.id) === index;
}
