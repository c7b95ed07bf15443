import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { type ApiKey, keyFor, listKeys, type Role, revokeKey, storeKey } from '../../infra/postgres/api-keys.ts';

export type { ApiKey, Role };

/** A new API key; shown once, stored by its hash only. */
export async function createKey(
  ctx: Context,
  name: string,
  role: Role,
): Promise<{ readonly id: string; readonly secret: string; readonly role: Role }> {
  const id = ctx.newId(0);
  const secret = `due_${randomBytes(24).toString('base64url')}`;
  await storeKey(ctx.db, { id, secret, name, role }, await ctx.clock.now());
  return { id, secret, role };
}

/** What the bearer of this secret may do; null when it is no key of ours. */
export async function roleOf(ctx: Context, secret: string): Promise<Role | null> {
  return (await keyFor(ctx.db, secret))?.role ?? null;
}

export async function keys(ctx: Context): Promise<readonly ApiKey[]> {
  return await listKeys(ctx.db);
}

/** Revokes a key; false when there is none by this id. */
export async function dropKey(ctx: Context, id: string): Promise<boolean> {
  return await revokeKey(ctx.db, id, await ctx.clock.now());
}
