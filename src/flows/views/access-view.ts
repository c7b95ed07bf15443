import type { Context } from '../../context.ts';
import { GRACE_DAYS } from '../../domain/catalog/plan.ts';
import { type Access, accessOf } from '../../domain/subscriptions/access.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** Whether its customer is let in now, `unpaid` cycles of it counting for nothing: by the plan of the catalog in force, or of the one that it came from. */
export async function accessNow(
  ctx: Pick<Context, 'catalog'>,
  subscription: SubscriptionRow,
  unpaid: number,
  now: Temporal.Instant,
): Promise<Access> {
  const { endsAfter } = subscription;
  const lasting = endsAfter === null ? subscription : { ...subscription, endsAfter: endsAfter + unpaid };
  return accessOf(lasting, await graceDaysOf(ctx, subscription), now);
}

/** As the API writes it. */
export function accessView({ allowed, until, why }: Access) {
  return { allowed, until: until?.toString() ?? null, why };
}

async function graceDaysOf({ catalog }: Pick<Context, 'catalog'>, subscription: SubscriptionRow): Promise<number> {
  const { plan, catalogVersion } = subscription;
  const current = catalog.current.plans.get(plan);
  if (current !== undefined) return current.graceDays;
  try {
    return (await catalog.version(catalogVersion)).plans.get(plan)?.graceDays ?? GRACE_DAYS;
  } catch (error) {
    // A version that cannot be read keeps nobody out, and is told of where it matters.
    if (isConnectionFault(error)) throw error;
    return GRACE_DAYS;
  }
}
