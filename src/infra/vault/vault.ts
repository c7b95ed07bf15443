import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { TokenKey } from './token-keys.ts';

/** Where a value stands. Bound into what is sealed, so that it opens nowhere else. */
export type Place = { readonly table: string; readonly id: string; readonly column: string };

/**
 * What holds a usable payment token is sealed by the daemon before it goes to the database, and opened after it came
 * back: Postgres, its logs, its backups and its replicas never see one. AES-256-GCM with a nonce of 96 random bits a
 * value, good for 2^32 values a key (NIST SP 800-38D). Without keys values are stored as they are.
 */
export type Vault = {
  /** The key that seals now; empty: values are stored as they are. */
  readonly sealsWith: string;
  /** `due1:<key>:<nonce, ciphertext and tag in base64url>`; as it is without a key. */
  seal(place: Place, clear: string): string;
  /** Null when no key opens it: unknown, changed, or from another place. What was never sealed is answered as it is. */
  open(place: Place, stored: string): string | null;
  /** By what a value is found that cannot be read: its keyed hash under the key that seals. */
  index(clear: string): string;
  /** The same under every key, and unkeyed as without keys: values of all ages are found. */
  indexes(clear: string): readonly string[];
};

type Key = { readonly id: string; readonly sealing: KeyObject; readonly indexing: KeyObject };

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MARK = 'due1';

/** A vault over these keys: the first seals, all open. */
export function openVault(keys: readonly TokenKey[]): Vault {
  const ring = keys.map(derived);
  const [first] = ring;
  const byId = new Map(ring.map((key) => [key.id, key]));
  return {
    sealsWith: first?.id ?? '',
    seal: (place, clear) => (first === undefined ? clear : seal(first, place, clear)),
    open: (place, stored) => open(byId, place, stored),
    index: (clear) => (first === undefined ? plainIndex(clear) : indexOf(first, clear)),
    indexes: (clear) => [...ring.map((key) => indexOf(key, clear)), plainIndex(clear)],
  };
}

/** One secret for two uses is none: each gets its own. */
function derived({ id, secret }: TokenKey): Key {
  const part = (use: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `dueday ${use}`, 32)));
  return { id, sealing: part('payment token seal'), indexing: part('payment token index') };
}

function seal({ id, sealing }: Key, place: Place, clear: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound(place, id));
  const parts = [nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return `${MARK}:${id}:${Buffer.concat(parts).toString('base64url')}`;
}

function open(keys: ReadonlyMap<string, Key>, place: Place, stored: string): string | null {
  if (!stored.startsWith(`${MARK}:`)) return stored;
  const [, id = '', body = ''] = stored.split(':');
  const key = keys.get(id);
  const bytes = Buffer.from(body, 'base64url');
  // Base64 has spare bits at its end: only what we would have written ourselves is ours.
  if (key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== body) return null;
  const cipher = createDecipheriv(CIPHER, key.sealing, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  cipher.setAAD(bound(place, id));
  cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const clear = cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8');
  try {
    return clear + cipher.final('utf8');
  } catch {
    return null;
  }
}

function bound({ table, id, column }: Place, key: string): Buffer {
  return Buffer.from(`${table}|${id}|${column}|${key}`);
}

function indexOf({ indexing }: Key, clear: string): string {
  return createHmac('sha256', indexing).update(clear).digest('hex');
}

/** As the migration writes it for what was there before: payment tokens are long and random, so a bare hash tells nothing. */
function plainIndex(clear: string): string {
  return createHash('sha256').update(clear).digest('hex');
}
