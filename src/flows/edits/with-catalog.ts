import type { Context } from '../../context.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';

/** Everything as it would be with this catalog in force from now on, and its notices sent now. */
export function withCatalog<C extends Context>(ctx: C, after: Catalog, since: Temporal.Instant): C {
  const version = async (number: number) => (number === after.version ? after : await ctx.catalog.version(number));
  return { ...ctx, catalog: { ...ctx.catalog, current: after, since, noticed: since, version } };
}
