import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import { sha256 } from '../../ids.ts';
import { apiKeys } from '../schema/control.ts';

export type Role = 'admin' | 'product' | 'finance';
export type ApiKey = Pick<typeof apiKeys.$inferSelect, 'id' | 'name' | 'hint' | 'createdAt' | 'revokedAt'> & {
  readonly role: Role;
};

const shown = {
  id: apiKeys.id,
  name: apiKeys.name,
  role: apiKeys.role,
  hint: apiKeys.hint,
  createdAt: apiKeys.createdAt,
  revokedAt: apiKeys.revokedAt,
};

/** Stores a key by its hash; the key itself cannot be read back. */
export async function storeKey(
  db: Database,
  key: { readonly id: string; readonly secret: string; readonly name: string; readonly role: Role },
  now: Temporal.Instant,
): Promise<void> {
  const { id, secret, name, role } = key;
  await db.drizzle
    .insert(apiKeys)
    .values({ id, name, role, digest: sha256(secret), hint: `${secret.slice(0, 8)}...`, createdAt: now });
}

/** The key that this secret belongs to, unless it was revoked. The hash is compared, so timing tells nothing of it. */
export async function keyFor(db: Database, secret: string): Promise<ApiKey | null> {
  const [row] = await db.drizzle
    .select(shown)
    .from(apiKeys)
    .where(and(eq(apiKeys.digest, sha256(secret)), isNull(apiKeys.revokedAt)))
    .limit(1);
  return row === undefined ? null : { ...row, role: row.role };
}

/** All keys, newest first; hints only. */
export async function listKeys(db: Database): Promise<readonly ApiKey[]> {
  const rows = await db.drizzle.select(shown).from(apiKeys).orderBy(desc(apiKeys.createdAt));
  return rows.map((row) => ({ ...row, role: row.role }));
}

/** Revokes a key; false when there is none, or it was revoked before. */
export async function revokeKey(db: Database, id: string, now: Temporal.Instant): Promise<boolean> {
  const rows = await db.drizzle
    .update(apiKeys)
    .set({ revokedAt: now })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return rows.length > 0;
}
