import type { AccountContext, Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type InForce, versionInForce } from '../../infra/tables/catalog/catalog-versions.ts';
import { type Charging, chargingState } from '../../infra/tables/charging/charging.ts';

const TAKEN_BACK = 'none needed if the edit was taken back; else apply the newer one again';

/** Versions that this process cannot read, so that it says so once and not with every look. */
const unreadable = new WeakMap<Context['log'], number>();

/** The row that every flow looks at first; whichever catalog it says is in force is worked by from here on. */
export async function lookAtCharging(ctx: Context, account: string = OWN_ACCOUNT): Promise<Charging> {
  const state = await chargingState(ctx.db, account);
  await follow(ctx, state.catalog);
  return state;
}

/** The same for who charges nothing now, and who then works by that catalog to the end. */
export async function withCatalogInForce(ctx: Context): Promise<Context> {
  await follow(ctx, await versionInForce(ctx.db));
  return steady(ctx);
}

/** A context whose catalog stays the same, whichever another look meanwhile finds in force. */
export type Steady = { readonly isSteady: true };
export type SteadyContext = AccountContext & Steady;

/** What is decided in several steps is decided by one catalog. */
export function steady<Given extends Context>(ctx: Given): Given & Steady {
  return { ...ctx, catalog: { ...ctx.catalog }, isSteady: true };
}

/** Another process may have applied an edit, or taken one back: two processes never work by two catalogs for long. */
async function follow(ctx: Context, inForce: InForce | null): Promise<void> {
  if (inForce === null || isFollowed(ctx, inForce) || inForce.version === unreadable.get(ctx.log)) return;
  const { version, since } = inForce;
  const before = ctx.catalog.current.version;
  try {
    await ctx.catalog.follow(version, since);
    if (version === before) return;
    if (version > before) ctx.log.info('another catalog is in force', { version, before });
    else ctx.log.warn('an older catalog is in force again', { version, before, way_out: TAKEN_BACK });
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    unreadable.set(ctx.log, version);
    const way_out = 'start the dueday that applied it in place of this one, or apply a catalog that both can read';
    ctx.log.error('catalog in force cannot be read', { version, stays_at: before, ...errorFacts(error), way_out });
  }
}

function isFollowed({ catalog }: Context, { version, since }: InForce): boolean {
  if (version !== catalog.current.version) return false;
  return since === null ? catalog.since === null : catalog.since?.equals(since) === true;
}
