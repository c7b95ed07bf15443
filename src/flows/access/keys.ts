import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { type ApiKey, keyFor, listKeys, type Role, revokeKey, storeKey } from '../../infra/tables/access/api-keys.ts';

export type { ApiKey, Role };

/** The name stands in the ledger, on screens and in exports. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,59}$/u;

/** A new API key; shown once, stored by its hash only. Throws when its name could be taken for something else. */
export async function createKey(
  ctx: Context,
  name: string,
  role: Role,
): Promise<{ readonly id: string; readonly secret: string; readonly role: Role }> {
  if (!NAME.test(name))
    throw new Error('name: 1 to 60 letters, digits, spaces and . _ @ -, beginning with a letter or a digit.');
  const id = ctx.newId(0);
  const secret = `due_${randomBytes(24).toString('base64url')}`;
  await storeKey(ctx.db, { id, secret, name, role }, await ctx.clock.now());
  return { id, secret, role };
}

/** Whose key this secret is, and what it may do; null when it is none of ours, or was revoked. */
export async function ownerOf(ctx: Context, secret: string): Promise<Pick<ApiKey, 'id' | 'role' | 'name'> | null> {
  return await keyFor(ctx.db, secret);
}

export async function keys(ctx: Context): Promise<readonly ApiKey[]> {
  return await listKeys(ctx.db);
}

/** Revokes a key; false when there is none by this id. */
export async function dropKey(ctx: Context, id: string): Promise<boolean> {
  return await revokeKey(ctx.db, id, await ctx.clock.now());
}
