import type { Database } from '../database/db.ts';
import { keysInUse, opensTokensOf } from '../tables/methods/resealing.ts';
import { keptTokenKeys } from '../vault/token-keys.ts';
import { openVault, type Vault } from '../vault/vault.ts';
import type { Env } from './env.ts';

/**
 * The vault of this installation: over the keys that the environment names; beside an embedded database over a key
 * that is made with it. With a database of the admin's and no keys nothing is sealed: replicas with a key each of their
 * own could not read what the others wrote.
 */
export function vaultOf(env: Env): Vault {
  if (env.tokenKeys !== null) return openVault(env.tokenKeys);
  return openVault(env.databaseUrl === null ? keptTokenKeys(env.dataDir) : []);
}

/** What this process can do with the payment tokens of a database. */
export type VaultState = {
  /** `closed`: it opens none of those that are sealed, and must not charge. */
  readonly kind: 'plain' | 'sealed' | 'partly closed' | 'closed';
  readonly detail: string;
};

/** Tries one payment token of each key that the database was sealed with. */
export async function vaultState(db: Database): Promise<VaultState> {
  const { sealsWith } = db.vault;
  const used = (await keysInUse(db, 'tokens')).filter((key) => key !== '');
  const opens = await Promise.all(used.map((key) => opensTokensOf(db, key)));
  const closed = used.filter((_, index) => opens[index] === false);
  if (closed.length > 0) {
    const kind = closed.length === used.length ? 'closed' : 'partly closed';
    return { kind, detail: `${closedWords(closed)}. ${WAY_BACK}` };
  }
  return sealsWith === '' ? { kind: 'plain', detail: PLAIN } : { kind: 'sealed', detail: `sealed with ${sealsWith}` };
}

function closedWords(keys: readonly string[]): string {
  const names = keys.join(', ');
  return `Payment tokens in the database are sealed with ${names}, which this process does not have, or has otherwise`;
}

const WAY_BACK =
  'Put that key back into DUEDAY_TOKEN_KEYS, or into the file token-keys of DUEDAY_DATA_DIR, behind the one that seals';

const PLAIN =
  'stored as they are. To seal them give every replica DUEDAY_TOKEN_KEYS=k1:$(openssl rand -base64 32), the same for all, ' +
  'then run "dueday keys rotate-tokens"';
