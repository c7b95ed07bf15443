import type { Catalog } from '../../domain/catalog/plan.ts';
import type { Database } from '../database/db.ts';
import { catalogOfVersion } from '../tables/catalog/catalog-versions.ts';
import { readStoredCatalog } from './catalog-file.ts';

/** The catalog in force, and every version that a running subscription or charge came from. */
export type Catalogs = {
  /** The one in force, as of the last look at the row that says which one it is. */
  readonly current: Catalog;
  /** Since when it is in force, by the billing clock; null: not known. */
  readonly since: Temporal.Instant | null;
  /** In a look ahead alone: every notice is taken as sent then. */
  readonly noticed?: Temporal.Instant;
  /** Makes a version the current one. Throws, and changes nothing, when this dueday cannot read it. */
  follow(number: number, since: Temporal.Instant | null): Promise<void>;
  /** An immutable version; throws when it was never stored, which is a bug. */
  version(number: number): Promise<Catalog>;
};

/** Reads older versions from the database once and keeps them: versions never change. */
export function catalogsOf(db: Database, first: Catalog, firstSince: Temporal.Instant | null = null): Catalogs {
  let [current, since] = [first, firstSince];
  const known = new Map<number, Promise<Catalog>>([[current.version, Promise.resolve(current)]]);
  // What failed is not kept: one lost connection would keep every charge of that version from being settled, for ever.
  const forget = (number: number, error: unknown): never => {
    known.delete(number);
    throw error;
  };
  const version = (number: number): Promise<Catalog> =>
    known.getOrInsertComputed(number, () => load(db, number).catch((error: unknown) => forget(number, error)));
  return {
    get current() {
      return current;
    },
    get since() {
      return since;
    },
    version,
    async follow(number, from) {
      current = await version(number);
      since = from;
    },
  };
}

async function load(db: Database, number: number): Promise<Catalog> {
  const row = await catalogOfVersion(db, number);
  if (row === null)
    throw new Error(`Catalog version ${number} is not in the database, although something came from it.`);
  const read = readStoredCatalog(row.source, `catalog version ${number}`);
  if (!read.ok) throw new Error(`Catalog version ${number} can no longer be read: ${read.faults[0]?.message ?? ''}`);
  return { ...read.catalog, version: number };
}
