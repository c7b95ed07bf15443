import { eq } from 'drizzle-orm';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { catalogVersions } from '../schema/control.ts';

/** The version of this text: the one that it was stored as before, or else the next one, as which it is stored now. */
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

/** Every process works by this version from its next look on; an older one, when an edit is taken back. */
export async function putInForce(db: Database, version: number): Promise<void> {
  await db.run(sql`update charging set catalog_version = ${version}::int where account = ${OWN_ACCOUNT}
    and catalog_version is distinct from ${version}::int`);
}

/** The version that was put in force; null before any was. */
export async function versionInForce(db: Database): Promise<number | null> {
  const [row] = await db.run<{ version: number | null }>(
    sql`select catalog_version as version from charging where account = ${OWN_ACCOUNT}`,
  );
  return row?.version ?? null;
}

/**
 * The version in force, with its text; null before any was stored. In a database whose daemons were all of a dueday that did not
 * write down which one is in force, it is the newest.
 */
export async function catalogInForce(
  db: Database,
): Promise<{ readonly version: number; readonly source: string } | null> {
  const [row] = await db.run<{ version: number; source: string }>(sql`select v.version, v.source from catalog_versions v
    where v.version = coalesce((select catalog_version from charging where account = ${OWN_ACCOUNT}), (select max(version) from catalog_versions))`);
  return row ?? null;
}
