import type { Context } from '../../context.ts';
import { readStoredCatalog } from '../../infra/catalog-file/catalog-file.ts';
import { changedPrices, loadCatalog } from '../../infra/catalog-file/catalog-source.ts';
import { type Catalogs, catalogsOf } from '../../infra/catalog-file/catalogs.ts';
import { catalogInForce, storeCatalog } from '../../infra/tables/catalog/catalog-versions.ts';

type Near = Pick<Context, 'db' | 'clock' | 'log'>;

/**
 * Makes the text of a catalog file a version, unless it is one already, for this process alone: what it works by until
 * `putInForce` says so to every other one. A daemon that does not come to its end of starting changes nobody's prices.
 */
export async function readCatalog({ db, clock, log }: Near, file: string): Promise<Catalogs> {
  const before = await catalogInForce(db);
  const { catalog, warnings } = loadCatalog(file, before?.source);
  const version = await storeCatalog(db, catalog.digest, catalog.source, await clock.now());
  const repriced = before === null ? [] : changedPrices(before.source, catalog);
  if (repriced.length > 0)
    log.warn('prices changed; running subscriptions keep theirs', { plans: repriced.join(', ') });
  if (warnings.length > 0) log.warn('catalog has warnings', { file, warnings: warnings.join('; ') });
  log.info('catalog loaded', { file, version, plans: catalog.plans.size });
  return catalogsOf(db, { ...catalog, version });
}

/** The catalog that a command works by: the one in force, or its file where none is, or where that one cannot be read. Puts none in force. */
export async function catalogForCommand(near: Near, file: string): Promise<Catalogs> {
  const inForce = await catalogInForce(near.db);
  if (inForce === null) return await readCatalog(near, file);
  const { version, source } = inForce;
  const read = readStoredCatalog(source, `catalog version ${version}`);
  return read.ok ? catalogsOf(near.db, { ...read.catalog, version }) : await readCatalog(near, file);
}
