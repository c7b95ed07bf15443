import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EnvFault, readEnv } from '../../src/infra/environment/env.ts';
import { nearWebhookAddress, webhookAddress } from '../../src/infra/environment/own-address.ts';
import { SECRET_FILES } from '../../src/infra/environment/secret-files.ts';
import { FAILPOINTS } from '../../src/infra/failpoints.ts';
import { passingDirectory } from '../support/passing-directory.ts';

const test_key = 'xnd_development_canary123456';
const live_key = 'xnd_production_canary123456';

/** The message with which an environment is refused. */
function refusal(source: Record<string, string>): string {
  try {
    readEnv(source);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvFault);
    return (error as Error).message;
  }
  throw new Error('The environment was taken.');
}

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

describe('a faulty environment', () => {
  test('is refused with every fault in one message', () => {
    const message = refusal({
      DATABASE_URL: 'mysql://x',
      XENDIT_SECRET_KEY: 'sk_live_canary',
      XENDIT_API_URL: 'ftp://x',
      XENDIT_REQUESTS_PER_MINUTE: '0',
      PORT: '99999999',
      PUBLIC_URL: 'nowhere',
      DUEDAY_API_KEY: 'two words',
      DUEDAY_CLOCK: 'sun',
      LOG_LEVEL: 'loud',
    });
    expect(message.split('\n')[0]).toBe('The environment has 10 faults:');
    for (const name of [
      'DATABASE_URL',
      'XENDIT_SECRET_KEY',
      'XENDIT_API_URL',
      'XENDIT_WEBHOOK_TOKEN',
      'XENDIT_REQUESTS_PER_MINUTE',
      'PORT',
      'PUBLIC_URL',
      'DUEDAY_API_KEY',
      'DUEDAY_CLOCK',
      'LOG_LEVEL',
    ]) {
      expect(message).toMatch(new RegExp(`^  ${name}: \\S`, 'm'));
    }
  });

  test('has one fault for each variable, whatever is wrong with it', () => {
    expect(refusal({ PORT: 'eighty' })).toBe('The environment has a fault:\n  PORT: must be a port, 0 to 65535');
  });

  test('is not quoted: what may be a secret stays one', () => {
    const message = refusal({
      DATABASE_URL: 'postgre://user:canary-word@db/x',
      XENDIT_SECRET_KEY: 'canary-key',
      DUEDAY_API_KEY: 'canary key',
      PUBLIC_URL: 'canary://user:canary@x',
      XENDIT_API_URL: 'canary',
    });
    expect(message).not.toContain('canary');
  });

  test.each([
    ['no key', 'canary'],
    ['a key of 31 bytes', `k1:${Buffer.alloc(31, 'canary').toString('base64')}`],
    ['a key of 33 bytes', `k1:${Buffer.alloc(33, 'canary').toString('base64')}`],
    ['a key without its name', Buffer.alloc(32, 'canary').toString('base64')],
    ['a name with a colon', `canary:1:${Buffer.alloc(32, 1).toString('base64')}`],
    ['one good key and one that is none', `k1:${Buffer.alloc(32, 1).toString('base64')},canary`],
    ['two of one name', ['k1', 'k1'].map((id, byte) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`).join()],
  ])('%s seals nothing, and is not quoted', (_what, DUEDAY_TOKEN_KEYS) => {
    const message = refusal({ DUEDAY_TOKEN_KEYS });
    expect(message).toContain('DUEDAY_TOKEN_KEYS: must be one or several keys');
    expect(message).not.toMatch(/canary|Y2FuYXJ5/);
  });

  test('a database of webhooks needs the one of everything else, and is not quoted', () => {
    const message = refusal({ DUEDAY_WEBHOOK_DATABASE_URL: 'postgres://hook:canary@db/x' });
    expect(message).toContain('DUEDAY_WEBHOOK_DATABASE_URL: needs DATABASE_URL');
    const bad = refusal({ DATABASE_URL: 'postgres://db/x', DUEDAY_WEBHOOK_DATABASE_URL: 'mysql://hook:canary@db/x' });
    expect(bad).toContain('DUEDAY_WEBHOOK_DATABASE_URL: must be a postgres:// URL');
    expect(message + bad).not.toContain('canary');
  });

  test.each([
    [{ DUEDAY_WEBHOOK_PORT: '8080' }, 'must be another port than PORT (8080)'],
    [{ PORT: '9000', DUEDAY_WEBHOOK_PORT: '9000' }, 'must be another port than PORT (9000)'],
    [{ DUEDAY_WEBHOOK_PORT: '70000' }, 'must be a port, 0 to 65535'],
  ])('%j is no door for webhooks', (source, why) => {
    expect(refusal(source)).toContain(`DUEDAY_WEBHOOK_PORT: ${why}`);
  });

  test.each(['-1', '1.5', '0x1', ' 80', '999999', 'http'])('%j is no port', (PORT) => {
    expect(refusal({ PORT })).toContain('PORT: ');
  });

  test('a key needs the token that its webhooks carry', () => {
    expect(refusal({ XENDIT_SECRET_KEY: test_key })).toMatch(
      /^The environment has a fault:\n {2}XENDIT_WEBHOOK_TOKEN: /,
    );
    expect(refusal({ XENDIT_SECRET_KEY: test_key, XENDIT_WEBHOOK_TOKEN: ' , ' })).toContain('XENDIT_WEBHOOK_TOKEN: ');
  });

  test.each([
    ['DUEDAY_FAILPOINT', 'after-claim:1:kill'],
    ['DUEDAY_LEASE_SECONDS', '4'],
  ])('%s never meets a live key', (name, value) => {
    const rest = { XENDIT_WEBHOOK_TOKEN: 't', [name]: value };
    expect(refusal({ ...rest, XENDIT_SECRET_KEY: live_key })).toContain(`${name}: is for tests`);
    expect(readEnv({ ...rest, XENDIT_SECRET_KEY: test_key })).toBeDefined();
  });

  test('a failpoint that does not exist is answered with those that do', () => {
    const message = refusal({ DUEDAY_FAILPOINT: 'after-clam:1:kill' });
    for (const point of FAILPOINTS) expect(message).toContain(point);
  });

  test.each(['after-claim', 'after-claim:0:kill', 'after-claim:1', 'after-claim:1:toString', 'after-claim:1:kill:2'])(
    '%j is no order for a failpoint',
    (DUEDAY_FAILPOINT) => {
      expect(refusal({ DUEDAY_FAILPOINT })).toContain('DUEDAY_FAILPOINT: must be name:pass:action');
    },
  );

  test('a key that could never be sent in a header is refused', () => {
    expect(refusal({ DUEDAY_API_KEY: 'with spaces in between' })).toContain('DUEDAY_API_KEY: ');
  });

  test('a key that could be guessed is refused where it would move money, and only there', () => {
    const live = { XENDIT_SECRET_KEY: 'xnd_production_abc', XENDIT_WEBHOOK_TOKEN: 't' };
    expect(refusal({ ...live, DUEDAY_API_KEY: 'fifteen-letters' })).toContain('DUEDAY_API_KEY: must have at least 16');
    expect(readEnv({ ...live, DUEDAY_API_KEY: 'sixteen-letters!' }).apiKey).toBe('sixteen-letters!');
    const development = { XENDIT_SECRET_KEY: 'xnd_development_x', XENDIT_WEBHOOK_TOKEN: 't' };
    expect(refusal({ ...development, DUEDAY_API_KEY: 'x' })).toContain('DUEDAY_API_KEY: must have at least 16');
    expect(readEnv({ DUEDAY_API_KEY: 'test' }).apiKey).toBe('test');
  });

  test('a key with the end of its line is refused, not sent', () => {
    expect(refusal({ XENDIT_SECRET_KEY: `${test_key}\n`, XENDIT_WEBHOOK_TOKEN: 't' })).toContain('XENDIT_SECRET_KEY: ');
  });
});
