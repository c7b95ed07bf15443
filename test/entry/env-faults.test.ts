import { describe, expect, test } from 'vitest';
import { readEnv } from '../../src/infra/environment/env.ts';
import { FAILPOINTS } from '../../src/infra/failpoints.ts';
import { live_key, refusal, test_key } from '../support/env-keys.ts';

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
