import { desc, eq, inArray, lt } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import { catalogApplies, catalogVersions } from '../schema/catalog.ts';

export type VersionRow = Omit<typeof catalogVersions.$inferSelect, 'source'>;
/** How a version came in force once, without the diff that was shown. */
export type ApplyRow = Omit<typeof catalogApplies.$inferSelect, 'shown'>;

const told = {
  number: catalogApplies.number,
  fromVersion: catalogApplies.fromVersion,
  toVersion: catalogApplies.toVersion,
  digest: catalogApplies.digest,
  actor: catalogApplies.actor,
  reason: catalogApplies.reason,
  appliedAt: catalogApplies.appliedAt,
};

/** Versions without their texts, newest first: at most so many before one. */
export async function versionPage(db: Database, before: number | null, limit: number): Promise<readonly VersionRow[]> {
  return await db.drizzle
    .select({
      version: catalogVersions.version,
      digest: catalogVersions.digest,
      appliedAt: catalogVersions.appliedAt,
    })
    .from(catalogVersions)
    .where(before === null ? undefined : lt(catalogVersions.version, before))
    .orderBy(desc(catalogVersions.version))
    .limit(limit);
}

/** Each time that one of these versions came in force, the last one first. */
export async function appliesOf(db: Database, versions: readonly number[]): Promise<readonly ApplyRow[]> {
  if (versions.length === 0) return [];
  return await db.drizzle
    .select(told)
    .from(catalogApplies)
    .where(inArray(catalogApplies.toVersion, [...versions]))
    .orderBy(desc(catalogApplies.number));
}

/** What put the version in force that is; null: a dueday that did not write it down. */
export async function lastApply(db: Database, version: number): Promise<ApplyRow | null> {
  const [row] = await db.drizzle
    .select(told)
    .from(catalogApplies)
    .where(eq(catalogApplies.toVersion, version))
    .orderBy(desc(catalogApplies.number))
    .limit(1);
  return row ?? null;
}
