import { desc, eq } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { catalogVersions } from '../schema/control.ts';

/** The newest version's number for this digest; stored as the next version when it is not the newest one's text. */
export async function storeCatalog(
  db: Database,
  digest: string,
  source: string,
  now: Temporal.Instant,
): Promise<number> {
  const [known] = await db.drizzle.select().from(catalogVersions).where(eq(catalogVersions.digest, digest)).limit(1);
  if (known !== undefined) return known.version;
  await db.run(sql`insert into catalog_versions (version, digest, source, applied_at)
    select coalesce(max(version), 0) + 1, ${digest}, ${source}, ${now.toString()}::timestamptz from catalog_versions
    on conflict do nothing`);
  return await storeCatalog(db, digest, source, now);
}

/** The text of a version; null when it was never stored. */
export async function catalogSource(db: Database, version: number): Promise<string | null> {
  const [row] = await db.drizzle.select().from(catalogVersions).where(eq(catalogVersions.version, version)).limit(1);
  return row?.source ?? null;
}

/** The version before the newest one, to tell what an edit changed. */
export async function newestCatalog(
  db: Database,
): Promise<{ readonly version: number; readonly source: string } | null> {
  const [row] = await db.drizzle.select().from(catalogVersions).orderBy(desc(catalogVersions.version)).limit(1);
  return row ?? null;
}
