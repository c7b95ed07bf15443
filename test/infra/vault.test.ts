import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/infra/ids.ts';
import { sendableRequest, storedRequest } from '../../src/infra/vault/request.ts';
import { keptTokenKeys, tokenKeysIn } from '../../src/infra/vault/token-keys.ts';
import { openVault, type Place } from '../../src/infra/vault/vault.ts';
import { passingDirectory } from '../support/passing-directory.ts';

const key = (id: string, byte: number) => ({ id, secret: Buffer.alloc(32, byte) });
const vault = openVault([key('k2', 2), key('k1', 1)]);
const before = openVault([key('k1', 1)]);
const here: Place = { table: 'tokens', id: '019a0000-0000-7000-8000-000000000001', column: 'token_id' };
const token = 'pt-canary-0000-4000-8000-000000000001';

describe('what is sealed', () => {
  test('opens where it was sealed, whatever it is', () => {
    for (const clear of [token, '', 'ключ 🔑', '"quoted"', 'x'.repeat(64 * 1_024)]) {
      expect(vault.open(here, vault.seal(here, clear))).toBe(clear);
    }
  });

  test('names its key, and shows nothing of its value', () => {
    const sealed = vault.seal(here, token);
    expect(sealed).toMatch(/^due1:k2:[\w-]{80,120}$/);
    expect(Buffer.from(sealed.split(':')[2] ?? '', 'base64url').toString('latin1')).not.toContain('canary');
  });

  test.each<[string, Place]>([
    ['another row', { ...here, id: '019a0000-0000-7000-8000-000000000002' }],
    ['another table', { ...here, table: 'inbox' }],
    ['another column', { ...here, column: 'label' }],
  ])('does not open in %s', (_what, place) => {
    expect(vault.open(place, vault.seal(here, token))).toBeNull();
  });

  test('does not open with any of its bits flipped, or any of its letters changed', () => {
    const [mark, id, body = ''] = vault.seal(here, token).split(':');
    const bytes = Buffer.from(body, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(vault.open(here, `${mark}:${id}:${flipped.toString('base64url')}`)).toBeNull();
    }
    for (const letter of ['A', '_', '=', ' ', ':x'])
      expect(vault.open(here, `${mark}:${id}:${body.slice(0, -1)}${letter === body.at(-1) ? 'B' : letter}`)).toBeNull();
  });

  test.each(['due1:', 'due1:k2:', 'due1:k2:AAAA', 'due1:k2', 'due1:k9:AAAA', 'due1::'])(
    '%j opens to nothing',
    (garbage) => {
      expect(vault.open(here, garbage)).toBeNull();
    },
  );

  test('does not open without its key, with other bytes under its name, or under another name', () => {
    const sealed = vault.seal(here, token);
    for (const keys of [[], [key('k1', 1)], [key('k2', 3)]]) expect(openVault(keys).open(here, sealed)).toBeNull();
    expect(openVault([key('k3', 2)]).open(here, sealed.replace('k2', 'k3'))).toBeNull();
  });

  test('opens with an older key that is not the first any more', () => {
    expect(vault.open(here, before.seal(here, token))).toBe(token);
    expect(before.open(here, vault.seal(here, token))).toBeNull();
  });

  test('never uses a nonce twice', () => {
    const nonces = new Set(Array.from({ length: 100_000 }, () => vault.seal(here, 'x').slice('due1:k2:'.length, 24)));
    expect(nonces.size).toBe(100_000);
  });

  test('is found by its keyed hash, under every key that it may have been sealed with', () => {
    expect(vault.index(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(vault.index(token)).not.toBe(before.index(token));
    expect(vault.index(token)).not.toBe(sha256(token));
    expect(vault.indexes(token)).toEqual([vault.index(token), before.index(token), sha256(token)]);
  });
});

test('without a key values are stored as they are, and found by a bare hash', () => {
  const none = openVault([]);
  expect([none.sealsWith, none.seal(here, token), none.open(here, token)]).toEqual(['', token, token]);
  expect(none.indexes(token)).toEqual([none.index(token)]);
});

describe('a stored request', () => {
  const body = JSON.stringify({ reference_id: 'due_1', payment_token_id: token, amount: 1, note: `of ${token}` });

  test('holds everything but the payment token, and becomes the same bytes again', () => {
    const stored = storedRequest(body, token);
    expect(stored.request).toBe(body.replaceAll(token, '{payment_token}'));
    expect(stored.requestHash).toBe(sha256(body));
    expect(sendableRequest(stored, token)).toBe(body);
  });

  test.each(['$&', String.raw`a"b\c`, '{x}', '$1'])('takes a token that looks like a pattern: %j', (odd) => {
    const written = JSON.stringify({ payment_token_id: odd });
    expect(sendableRequest(storedRequest(written, odd), odd)).toBe(written);
  });

  test('is not sent with another token, nor when it was changed', () => {
    const stored = storedRequest(body, token);
    expect(sendableRequest(stored, `${token}0`)).toBeNull();
    expect(
      sendableRequest({ ...stored, request: stored.request.replace('"amount":1', '"amount":2') }, token),
    ).toBeNull();
  });

  test.each([
    '{payment_token}',
    '{payment_token}{payment_token:1}',
    '{payment_token:1}',
    '{payment_token:2}{payment_token}',
  ])('comes back as it was when a customer’s text has the mark %s in it', (text) => {
    const written = JSON.stringify({ success_return_url: `https://shop.example.com/?t=${text}`, token });
    const stored = storedRequest(written, token);
    expect(stored.request).not.toContain(token);
    expect(sendableRequest(stored, token)).toBe(written);
    expect(sendableRequest(stored, `${token}0`)).toBeNull();
  });

  test('from before tokens were taken out is sent as it is', () => {
    expect(sendableRequest({ request: body, requestHash: null }, token)).toBe(body);
  });
});

describe('the key of an embedded database', () => {
  test('is made once, for this user only, and found by whoever comes next', () => {
    const directory = passingDirectory();
    const made = keptTokenKeys(directory);
    expect(made).toEqual([{ id: expect.stringMatching(/^k[0-9a-f]{8}$/), secret: expect.any(Uint8Array) }]);
    expect(made[0]?.secret).toHaveLength(32);
    expect(statSync(join(directory, 'token-keys')).mode & 0o777).toBe(0o600);
    expect(keptTokenKeys(directory)).toEqual(made);
    expect(readdirSync(directory)).toEqual(['token-keys']);
    expect(keptTokenKeys(passingDirectory())).not.toEqual(made);
  });

  test('may be followed by a newer one in front of it, a line each', () => {
    const directory = passingDirectory();
    const [old] = keptTokenKeys(directory);
    const file = join(directory, 'token-keys');
    writeFileSync(file, `new:${Buffer.alloc(32, 9).toString('base64')}\n${readFileSync(file, 'utf8')}`);
    expect(keptTokenKeys(directory).map(({ id }) => id)).toEqual(['new', old?.id]);
  });

  test('is refused, not replaced, when its file is no key any more', () => {
    const directory = passingDirectory();
    writeFileSync(join(directory, 'token-keys'), 'canary-that-was-a-key');
    expect(() => keptTokenKeys(directory)).toThrow(/token-keys cannot be read: it must be one or several keys/);
    expect(() => keptTokenKeys(directory)).not.toThrow(/canary/);
    expect(() => tokenKeysIn(join(directory, 'nowhere'))).toThrow('ENOENT');
    expect(existsSync(join(directory, 'nowhere'))).toBe(false);
  });
});
