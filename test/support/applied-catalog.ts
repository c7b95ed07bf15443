import { createHash } from 'node:crypto';
import { withCatalogInForce } from '../../src/flows/catalog/follow-catalog.ts';
import { putInForce, storeCatalog, versionInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import type { World } from './world.ts';

/** Puts this text in force now, as an apply does; answers its version. */
export async function applied(world: World, source: string): Promise<number> {
  const digest = createHash('sha256').update(source).digest('hex');
  const to = await storeCatalog(world.db, digest, source, world.now());
  const from = (await versionInForce(world.db))?.version ?? null;
  await putInForce(world.db, { from, to, shown: null, actor: 'siti', reason: null, at: world.now() });
  await withCatalogInForce(world.ctx);
  return to;
}
