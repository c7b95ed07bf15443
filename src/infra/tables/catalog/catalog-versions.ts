import { eq } from 'drizzle-orm';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { catalogVersions } from '../schema/catalog.ts';
import { charging } from '../schema/control.ts';

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

/** The numbers of all versions that ever were. */
export async function storedVersions(db: Database): Promise<readonly number[]> {
  const rows = await db.drizzle.select({ version: catalogVersions.version }).from(catalogVersions);
  return rows.map(({ version }) => version);
}

/** The version that a text was stored as; null: it never was. */
export async function versionOfDigest(db: Database, digest: string): Promise<number | null> {
  const [row] = await db.drizzle
    .select({ version: catalogVersions.version })
    .from(catalogVersions)
    .where(eq(catalogVersions.digest, digest))
    .limit(1);
  return row?.version ?? null;
}

/** A version with its text; null when it was never stored. */
export async function catalogOfVersion(
  db: Database,
  version: number,
): Promise<typeof catalogVersions.$inferSelect | null> {
  const [row] = await db.drizzle.select().from(catalogVersions).where(eq(catalogVersions.version, version)).limit(1);
  return row ?? null;
}

/** How a version comes in force. */
export type Apply = {
  /** The version that was in force when this was decided; null: none was. Another one since: nothing is done. */
  readonly from: number | null;
  readonly to: number;
  /** What was shown of the edit, with its digest; null: nobody was shown anything. */
  readonly shown: { readonly digest: string; readonly diff: object } | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly at: Temporal.Instant;
};

/**
 * Every process works by this version from its next look on, where the condition holds. Who put it in force, when and why, is written with it; false: it is in force
 * already, or another one is than was thought, and nothing was done.
 */
export async function putInForce(
  db: Database,
  { from, to, shown, actor, reason, at }: Apply,
  onlyIf: Sql = sql`true`,
): Promise<boolean> {
  const rows =
    await db.run(sql`with held as (select c.account, c.catalog_version, c.catalog_apply + 1 as number from charging c
      where c.account = ${OWN_ACCOUNT} and ${onlyIf} for update),
    applied as (insert into catalog_applies (number, from_version, to_version, digest, shown, actor, reason, applied_at)
      select h.number, h.catalog_version, ${to}::int, ${shown?.digest ?? null}, ${shown === null ? null : JSON.stringify(shown.diff)}::jsonb,
        ${actor}, ${reason}, ${at.toString()}::timestamptz
      from held h where h.catalog_version is not distinct from ${from}::int and h.catalog_version is distinct from ${to}::int
      returning number, to_version, applied_at)
    update charging c set catalog_version = a.to_version, catalog_apply = a.number, catalog_since = a.applied_at
    from applied a where c.account = ${OWN_ACCOUNT} returning a.number`);
  return rows.length > 0;
}

/** The version that was put in force, and since when by the billing clock; null before any was. */
export type InForce = { readonly version: number; readonly since: Temporal.Instant | null };

export async function versionInForce(db: Database): Promise<InForce | null> {
  const [row] = await db.drizzle
    .select({ version: charging.catalogVersion, since: charging.catalogSince })
    .from(charging)
    .where(eq(charging.account, OWN_ACCOUNT));
  return row === undefined || row.version === null ? null : { version: row.version, since: row.since };
}

/** The version in force, with its text; null before any was put in force. */
export async function catalogInForce(
  db: Database,
): Promise<(InForce & { readonly source: string; readonly digest: string }) | null> {
  const [row] = await db.drizzle
    .select({
      version: catalogVersions.version,
      since: charging.catalogSince,
      source: catalogVersions.source,
      digest: catalogVersions.digest,
    })
    .from(charging)
    .innerJoin(catalogVersions, eq(catalogVersions.version, charging.catalogVersion))
    .where(eq(charging.account, OWN_ACCOUNT));
  return row ?? null;
}
