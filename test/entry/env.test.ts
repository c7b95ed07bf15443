import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readEnv } from '../../src/infra/environment/env.ts';
import { nearWebhookAddress, webhookAddress } from '../../src/infra/environment/own-address.ts';
import { SECRET_FILES } from '../../src/infra/environment/secret-files.ts';
import { live_key, refusal, test_key } from '../support/env-keys.ts';
import { passingDirectory } from '../support/passing-directory.ts';

describe('the environment', () => {
  test('may be empty: a sandbox on this machine', () => {
    expect(readEnv({})).toEqual({
      databaseUrl: null,
      webhookDatabaseUrl: null,
      dataDir: './data',
      xendit: null,
      xenditApiUrl: 'https://api.xendit.co',
      requestsPerMinute: null,
      catalogFile: './catalog.yaml',
      host: '127.0.0.1',
      port: 8080,
      webhookPort: null,
      publicUrl: 'http://127.0.0.1:8080',
      apiKey: null,
      clock: 'system',
      tokenKeys: null,
      logLevel: 'info',
      leaseSeconds: 120,
      failpoint: null,
    });
  });

  test('may say everything', () => {
    const env = readEnv({
      DATABASE_URL: 'postgres://user:word@db.example:5432/dueday',
      DUEDAY_WEBHOOK_DATABASE_URL: 'postgres://hook:word@db.example:5432/dueday',
      DUEDAY_DATA_DIR: '/var/lib/dueday',
      XENDIT_SECRET_KEY: live_key,
      XENDIT_API_URL: 'https://xendit.example',
      XENDIT_WEBHOOK_TOKEN: ' old , new,',
      XENDIT_REQUESTS_PER_MINUTE: '1200',
      CATALOG_FILE: '/etc/dueday/catalog.yaml',
      HOST: '0.0.0.0',
      PORT: '0',
      DUEDAY_WEBHOOK_PORT: '0',
      PUBLIC_URL: 'https://billing.example',
      DUEDAY_API_KEY: 'sixteen-or-more-letters',
      DUEDAY_CLOCK: 'system',
      DUEDAY_TOKEN_KEYS: `new:${Buffer.alloc(32, 1).toString('base64')}, old:${Buffer.alloc(32, 2).toString('base64url')}`,
      LOG_LEVEL: 'debug',
    });
    expect(env).toEqual({
      databaseUrl: 'postgres://user:word@db.example:5432/dueday',
      webhookDatabaseUrl: 'postgres://hook:word@db.example:5432/dueday',
      dataDir: '/var/lib/dueday',
      xendit: { secretKey: live_key, mode: 'live', webhookTokens: ['old', 'new'] },
      xenditApiUrl: 'https://xendit.example',
      requestsPerMinute: 1_200,
      catalogFile: '/etc/dueday/catalog.yaml',
      host: '0.0.0.0',
      port: 0,
      webhookPort: 0,
      publicUrl: 'https://billing.example',
      apiKey: 'sixteen-or-more-letters',
      clock: 'system',
      tokenKeys: [
        { id: 'new', secret: Buffer.alloc(32, 1) },
        { id: 'old', secret: Buffer.alloc(32, 2) },
      ],
      logLevel: 'debug',
      leaseSeconds: 120,
      failpoint: null,
    });
  });

  test.each([
    'https://api.xendit.co',
    'https://xendit.example:8443/base',
    'http://127.0.0.1:9000',
    'http://localhost:9000',
    'http://[::1]:9000/',
  ])('the secret key may be sent to %s', (url) => {
    expect(readEnv({ XENDIT_API_URL: url }).xenditApiUrl).toBe(url);
  });

  test.each([
    'http://api.xendit.co',
    'http://10.0.0.7:9000',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://0.0.0.0:9000',
    'https://key:word@api.xendit.co',
    'https://api.xendit.co@evil.example',
    'https://api.xendit.co?x=1',
    'https://api.xendit.co/#x',
    'ftp://api.xendit.co',
    'ftp://127.0.0.1',
    'https://api.xendit.co\n.evil.example',
    'api.xendit.co',
  ])('the secret key may not be sent to %s', (url) => {
    expect(refusal({ XENDIT_API_URL: url })).toContain('XENDIT_API_URL: must be an http');
  });

  test('a variable that is set to nothing is one that is not set', () => {
    const names = [
      'DATABASE_URL',
      'XENDIT_SECRET_KEY',
      'PORT',
      'DUEDAY_CLOCK',
      'DUEDAY_API_KEY',
      'LOG_LEVEL',
      'HOST',
      'DUEDAY_WEBHOOK_PORT',
      'DUEDAY_WEBHOOK_DATABASE_URL',
    ];
    expect(readEnv(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readEnv({}));
  });

  test('the pace is what Xendit allows the key, unless it is said', () => {
    const pace = (more: Record<string, string>) => readEnv({ XENDIT_WEBHOOK_TOKEN: 't', ...more }).requestsPerMinute;
    expect(pace({ XENDIT_SECRET_KEY: live_key })).toBe(600);
    expect(pace({ XENDIT_SECRET_KEY: test_key })).toBe(60);
    expect(pace({})).toBeNull();
    expect(pace({ XENDIT_SECRET_KEY: test_key, XENDIT_REQUESTS_PER_MINUTE: '5' })).toBe(5);
  });

  test('the public address follows host and port', () => {
    expect(readEnv({ HOST: '::1', PORT: '9000' }).publicUrl).toBe('http://[::1]:9000');
  });

  test.each([
    [{}, 'http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    [{ PUBLIC_URL: 'https://billing.example/' }, 'https://billing.example', 'http://127.0.0.1:8080'],
    [{ HOST: '0.0.0.0', DUEDAY_WEBHOOK_PORT: '8081' }, 'http://0.0.0.0:8081', 'http://127.0.0.1:8081'],
    [{ HOST: '::', PUBLIC_URL: 'https://x', DUEDAY_WEBHOOK_PORT: '8081' }, 'http://[::]:8081', 'http://[::1]:8081'],
    [{ HOST: '10.0.0.7', PORT: '9000' }, 'http://10.0.0.7:9000', 'http://10.0.0.7:9000'],
  ])('%j: webhooks go to %s, from this machine to %s', (source, address, near) => {
    expect(webhookAddress(readEnv(source))).toBe(`${address}/webhooks/xendit`);
    expect(nearWebhookAddress(readEnv(source))).toBe(`${near}/webhooks/xendit`);
  });

  test('a failpoint says where a test wants the process to die', () => {
    const order = { point: 'after-claim', pass: 2, action: 'kill' };
    expect(readEnv({ DUEDAY_FAILPOINT: 'after-claim:2:kill' }).failpoint).toEqual(order);
  });
});

test('an empty folder is billed by the example of the package, but not with a key of Xendit', () => {
  const here = process.cwd();
  onTestFinished(() => process.chdir(here));
  process.chdir(passingDirectory());
  const { catalogFile } = readEnv({});
  expect(readFileSync(catalogFile, 'utf8')).toContain('pro-monthly');
  expect(readEnv({ XENDIT_SECRET_KEY: test_key, XENDIT_WEBHOOK_TOKEN: 't' }).catalogFile).toBe('./catalog.yaml');
  writeFileSync('catalog.yaml', '');
  expect(readEnv({}).catalogFile).toBe('./catalog.yaml');
});

describe('a secret in a file', () => {
  const keys = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
  const secrets: Readonly<Record<string, string>> = {
    DATABASE_URL: 'postgres://user:canary@db/dueday',
    DUEDAY_WEBHOOK_DATABASE_URL: 'postgres://hook:canary@db/dueday',
    XENDIT_SECRET_KEY: live_key,
    XENDIT_WEBHOOK_TOKEN: 'canary-token,canary-next',
    DUEDAY_API_KEY: 'canary-canary-canary',
    DUEDAY_TOKEN_KEYS: keys,
  };

  /** A file for each, as an editor leaves it: with the end of its last line. */
  function files(contents: Readonly<Record<string, string>>): Record<string, string> {
    const directory = passingDirectory();
    const entries = Object.entries(contents).map(([name, text]) => {
      writeFileSync(join(directory, name), text);
      return [`${name}_FILE`, join(directory, name)];
    });
    return Object.fromEntries(entries) as Record<string, string>;
  }

  test('is what it would be as a variable, whichever secret it is', () => {
    expect(SECRET_FILES).toEqual(Object.keys(secrets).map((name) => `${name}_FILE`));
    const lines = Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, `${text}\n`]));
    expect(readEnv(files(lines))).toEqual(readEnv(secrets));
  });

  test('may stand between the marks of an editor, and several on lines of their own', () => {
    const { xendit } = readEnv(
      files({ XENDIT_SECRET_KEY: `\uFEFF${live_key}\r\n`, XENDIT_WEBHOOK_TOKEN: 'new\r\nold\r\n' }),
    );
    expect(xendit).toEqual({ secretKey: live_key, mode: 'live', webhookTokens: ['new', 'old'] });
  });

  test('is refused beside its variable, since only one of them can be meant', () => {
    const message = refusal({ ...files(secrets), ...secrets });
    for (const name of SECRET_FILES)
      expect(message).toContain(`${name}: is refused beside ${name.slice(0, -'_FILE'.length)}; unset one of the two`);
    expect(message).not.toContain('canary');
  });

  test('that cannot be read, or is empty, is one fault, with the file that is meant', () => {
    const gone = '/nowhere/key';
    const message = refusal({ ...files({ XENDIT_WEBHOOK_TOKEN: '\n' }), XENDIT_SECRET_KEY_FILE: gone });
    expect(message).toMatch(/^The environment has 2 faults:$/m);
    expect(message).toContain(`XENDIT_SECRET_KEY_FILE: ${gone} cannot be read (ENOENT)`);
    expect(message).toMatch(/XENDIT_WEBHOOK_TOKEN_FILE: \S+ is empty/);
  });

  test('that is none is refused under the name of its file, and not quoted', () => {
    const message = refusal(
      files({ XENDIT_SECRET_KEY: 'canary', XENDIT_WEBHOOK_TOKEN: ',', DUEDAY_TOKEN_KEYS: 'canary' }),
    );
    expect(message).toContain('  XENDIT_SECRET_KEY_FILE: must begin with xnd_development_');
    expect(message).toContain('  XENDIT_WEBHOOK_TOKEN_FILE: is required');
    expect(message).toContain('  DUEDAY_TOKEN_KEYS_FILE: must be one or several keys');
    expect(message.replaceAll(/\/\S+/g, '')).not.toContain('canary');
  });

  test('is not looked for where the name of the file is empty', () => {
    expect(readEnv({ XENDIT_SECRET_KEY_FILE: '' }).xendit).toBeNull();
  });
});
