import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** 32 secret bytes with the name that stands beside everything they seal. */
export type TokenKey = { readonly id: string; readonly secret: Uint8Array };

/** How a key is written; also what a fault says, for it must not repeat what was written. */
export const KEY_FORM =
  'must be one or several keys, comma-separated, each a name and 32 bytes in base64: k1:$(openssl rand -base64 32)';

const KEY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/;

/** Reads `id:base64` keys, separated by commas or lines: the first seals, all open. Null when one is no key, or two share a name. */
export function readTokenKeys(text: string): readonly TokenKey[] | null {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const keys = parts.flatMap((part) => {
    const [, id, secret] = KEY.exec(part) ?? [];
    return id === undefined || secret === undefined ? [] : [{ id, secret: Buffer.from(secret, 'base64') }];
  });
  const names = new Set(keys.map(({ id }) => id));
  return keys.length === 0 || keys.length < parts.length || names.size < keys.length ? null : keys;
}

/** The keys of a file. Throws with the file's name, and never with what is in it. */
export function tokenKeysIn(file: string): readonly TokenKey[] {
  const keys = readTokenKeys(readFileSync(file, 'utf8'));
  if (keys === null) throw new Error(`The payment token keys in ${file} cannot be read: it ${KEY_FORM}.`);
  return keys;
}

/** Where the keys of an embedded database are kept: beside it, so that whoever adopts it finds them. */
const tokenKeysFile = (dataDir: string): string => join(dataDir, 'token-keys');

/** The keys beside an embedded database; the first who asks makes one, and of two at once both get the same. */
export function keptTokenKeys(dataDir: string): readonly TokenKey[] {
  const file = tokenKeysFile(dataDir);
  try {
    return tokenKeysIn(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  makeKey(file);
  return tokenKeysIn(file);
}

/** Written beside its place and linked there: it appears whole, once, and on the disk before anything is sealed with it. */
function makeKey(file: string): void {
  const draft = `${file}.new-${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `k${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}\n`);
    fsyncSync(descriptor);
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    closeSync(descriptor);
    unlinkSync(draft);
  }
}
