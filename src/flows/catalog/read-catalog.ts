import type { Context } from '../../context.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { readStoredCatalog } from '../../infra/catalog-file/catalog-file.ts';
import { changedPrices, loadCatalog, whyDiffers } from '../../infra/catalog-file/catalog-source.ts';
import { type Catalogs, catalogsOf } from '../../infra/catalog-file/catalogs.ts';
import { catalogInForce, putInForce, storeCatalog } from '../../infra/tables/catalog/catalog-versions.ts';

type Near = Pick<Context, 'db' | 'clock' | 'log'>;
type Stored = NonNullable<Awaited<ReturnType<typeof catalogInForce>>>;

/** What a daemon starts with: its catalog, and what is done once it serves. */
export type CatalogAtStart = {
  readonly catalogs: Catalogs;
  /** Says to every other process what is in force. A daemon that does not come to its end of starting changes nobody's prices. */
  readonly putInForce: () => Promise<void>;
};

/**
 * The version in force, whatever stands in the file; the file's own text in an empty database, and where files apply themselves:
 * in the sandbox, where no money moves.
 */
export async function catalogAtStart(near: Near, file: string, appliesItself: boolean): Promise<CatalogAtStart> {
  const before = await catalogInForce(near.db);
  if (before !== null && !appliesItself)
    return { catalogs: keptCatalog(near, file, before), putInForce: async () => undefined };
  const catalogs = await catalogOfFile(near, file, before);
  const reason = before === null ? 'the first catalog of this database' : 'in the sandbox a file applies itself';
  const apply = {
    from: before?.version ?? null,
    to: catalogs.current.version,
    shown: null,
    actor: 'start',
    reason,
  };
  return {
    catalogs,
    putInForce: async () => void (await putInForce(near.db, { ...apply, at: await near.clock.now() })),
  };
}

/** The catalog that a command works by: the one in force, or its file where none is, or where that one cannot be read. Puts none in force. */
export async function catalogForCommand(near: Near, file: string): Promise<Catalogs> {
  const inForce = await catalogInForce(near.db);
  if (inForce === null) return await catalogOfFile(near, file, null);
  const read = storedCatalog(inForce);
  return read.ok ? catalogsOf(near.db, read.catalog, inForce.since) : await catalogOfFile(near, file, inForce);
}

function keptCatalog({ db, log }: Near, file: string, inForce: Stored): Catalogs {
  const { version } = inForce;
  const read = storedCatalog(inForce);
  if (!read.ok)
    throw new Error(
      `Catalog version ${version}, which is in force, cannot be read by this dueday (${read.faults[0]?.message ?? ''}): start the dueday that applied it.`,
    );
  const why = whyDiffers(file, inForce, false);
  if (why !== null) log.warn('catalog file differs', { why });
  log.info('catalog in force', { version, plans: read.catalog.plans.size });
  return catalogsOf(db, read.catalog, inForce.since);
}

/** Makes the text of a file a version, unless it is one already, for this process alone. */
async function catalogOfFile({ db, clock, log }: Near, file: string, before: Stored | null): Promise<Catalogs> {
  const { catalog, warnings } = loadCatalog(file, before?.source);
  const now = await clock.now();
  const version = await storeCatalog(db, catalog.digest, catalog.source, now);
  const repriced = before === null ? [] : changedPrices(before.source, catalog);
  if (repriced.length > 0) log.warn('prices changed', { plans: repriced.join(', ') });
  if (warnings.length > 0) log.warn('catalog has warnings', { file, warnings: warnings.join('; ') });
  log.info('catalog loaded', { file, version, plans: catalog.plans.size });
  return catalogsOf(db, { ...catalog, version }, before?.version === version ? before.since : now);
}

function storedCatalog({ version, source }: Stored) {
  const read = readStoredCatalog(source, `catalog version ${version}`);
  return read.ok ? { ok: true as const, catalog: { ...read.catalog, version } satisfies Catalog } : read;
}
