import type { Context } from '../../context.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { unpaidCyclesOf } from '../../infra/tables/subscriptions/cycles.ts';
import { versionsAgreed } from '../../infra/tables/subscriptions/terms.ts';

type Counting = Pick<SubscriptionRow, 'id' | 'plan' | 'catalogVersion' | 'endsAfter' | 'terms'>;

/** How many cycles of each subscription count for nothing since nobody paid them, by its id; read only of those whose plan ends, and says so. */
export async function unpaidCycles(
  ctx: Pick<Context, 'db' | 'catalog'>,
  subscriptions: readonly Counting[],
): Promise<ReadonlyMap<string, number>> {
  const first = new Map<string, number>();
  const ending = subscriptions.filter(({ endsAfter }) => endsAfter !== null);
  const agreed = await versionsAgreed(
    ctx.db,
    ending.filter(({ terms }) => terms > 0),
  );
  for (const one of ending) {
    const version = agreed.get(one.id) ?? one.catalogVersion;
    const from = one.endsAfter === null ? null : await firstCounted(ctx, one, { version, endsAfter: one.endsAfter });
    if (from !== null) first.set(one.id, from);
  }
  if (first.size === 0) return new Map();
  const unpaid = await unpaidCyclesOf(ctx.db, [...first.keys()]);
  const counted = unpaid.filter(({ id, cycle }) => cycle >= (first.get(id) ?? 0));
  return new Map([...first.keys()].map((id) => [id, counted.filter((one) => one.id === id).length]));
}

/** The first cycle of the plan, which may be another one's successor; null: an unpaid cycle of it counts. What was agreed then says so. */
async function firstCounted(
  { catalog }: Pick<Context, 'catalog'>,
  { plan }: Counting,
  { version, endsAfter }: { readonly version: number; readonly endsAfter: number },
): Promise<number | null> {
  const agreed = (await versionOrNone(catalog, version))?.plans.get(plan);
  return agreed?.unpaidCycles === 'not' ? endsAfter - (agreed.endsAfter ?? endsAfter) : null;
}

/** A version that cannot be read says nothing, and is told of where it matters: one subscription holds up no other. */
async function versionOrNone(catalog: Context['catalog'], version: number): Promise<Catalog | null> {
  try {
    return await catalog.version(version);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    return null;
  }
}
