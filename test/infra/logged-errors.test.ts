import { DrizzleQueryError } from 'drizzle-orm/errors';
import got, { HTTPError } from 'got';
import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../src/infra/logger.ts';
import { masked } from '../../src/infra/secrets.ts';
import { CARD, EMAIL, expectNoCanary, TOKEN, written } from '../support/log-lines.ts';
import { answer, SECRET_KEY, scripted } from './xendit-script.ts';

describe('an error is a name, a code, a status, a constraint and a few words', () => {
  it('of got: neither key nor body nor address', async () => {
    await using xendit = await scripted(answer(400, { email: EMAIL }));
    const url = `${xendit.url.replace('//', `//${SECRET_KEY}:hunter2@`)}/v3/payment_requests?email=${EMAIL}&reference_id=quiet`;
    const json = { payment_token_id: TOKEN, card: CARD };
    const error: unknown = await got.post(url, { json, retry: { limit: 0 } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HTTPError);
    const { text, lines } = await written((log) => log.error('failed', errorFacts(error)));
    expect(lines[0]).toMatchObject({ error: 'HTTPError', error_code: 'ERR_NON_2XX_3XX_RESPONSE', error_status: 400 });
    expectNoCanary(text);
    expect(text).not.toMatch(/stack|quiet/);
  });

  it('of got without an answer', async () => {
    const options = { username: SECRET_KEY, json: { token: TOKEN }, retry: { limit: 0 } };
    const error: unknown = await got.post('http://127.0.0.1:1/x', options).catch((thrown: unknown) => thrown);
    const { text, lines } = await written((log) => log.error('failed', errorFacts(error)));
    expect(lines[0]).toMatchObject({ error: 'RequestError', error_code: 'ECONNREFUSED' });
    expectNoCanary(text);
  });

  it('of drizzle: what Postgres said, without statement and parameters', async () => {
    const cause = Object.assign(new Error('duplicate key value violates unique constraint "charges_one_per_cycle"'), {
      name: 'PostgresError',
      code: '23505',
      constraint_name: 'charges_one_per_cycle',
      detail: `Key (email)=(${EMAIL}) already exists.`,
    });
    const error = new DrizzleQueryError('insert into tokens values ($1, $2, $3)', [TOKEN, EMAIL, 'hunter2'], cause);
    const { text, lines } = await written((log) =>
      log.error('failed', errorFacts(new Error('settle', { cause: error }))),
    );
    expect(lines[0]).toMatchObject({
      error: 'Error',
      error_code: '23505',
      error_constraint: 'charges_one_per_cycle',
      error_message: 'settle',
      error_cause: 'DrizzleQueryError: a query failed',
    });
    expectNoCanary(text);
    expect(text).not.toContain('insert into');
    const alone = await written((log) => log.error('failed', errorFacts(error)));
    expect(alone.lines[0]).toMatchObject({
      error: 'DrizzleQueryError',
      error_message: 'a query failed',
      error_cause: expect.stringContaining('charges_one_per_cycle'),
    });
    expectNoCanary(alone.text);
  });

  it('with causes that go in circles, and properties that throw', async () => {
    const circle = new Error(`a\nb ${TOKEN}`);
    circle.cause = circle;
    const trap = Object.defineProperty(new Error('trap'), 'code', {
      get() {
        throw new Error('hunter2');
      },
    });
    for (const error of [circle, trap]) {
      const { text } = await written((log) => log.error('failed', errorFacts(error)));
      expectNoCanary(text);
    }
  });

  it('with the place where it was thrown, of our own code only', () => {
    const error = new Error('boom');
    error.stack = `Error: boom\n    at f (/app/node_modules/got/src/core.js:1:1)\n    at settle (file:///app/src/flows/billing/settle.ts:12:5)`;
    expect(errorFacts(error)).toMatchObject({ error_at: 'src/flows/billing/settle.ts:12' });
  });

  it.each([
    ['a text', 'hunter2', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
    ['an object', { password: 'hunter2' }, 'object'],
  ])('%s that was thrown says only that', (_name, thrown, kind) => {
    expect(errorFacts(thrown)).toMatchObject({ error: kind });
    if (typeof thrown !== 'string') expect(JSON.stringify(errorFacts(thrown))).not.toContain('hunter2');
  });
});

/*
 * Words of others are long, and may be made to be slow to read: what reads a word again from each of its characters takes seconds
 * for these, and milliseconds when each is read once. The limit leaves room for a busy machine.
 */
describe('no text takes long to be made safe', () => {
  const soon = (work: () => unknown) => {
    const began = performance.now();
    work();
    expect(performance.now() - began).toBeLessThan(2_000);
  };
  const long = (word: string, length: number) => word.repeat(Math.ceil(length / word.length));

  it.each(['a', '1', 'a.', '1-', 'pt-', 'xnd_', 'Basic ', 'a@', 'a@a.', 'a://', '/src/:1'])('masking %s', (word) =>
    soon(() => masked(long(word, 60_000))),
  );

  it.each(['http://', 'http://a', 'https://a?b#'])('an error that says %s again and again', (word) =>
    soon(() => errorFacts(new Error(long(word, 400_000)))),
  );

  it('an error into whose stack somebody got words that look like places of ours', () => {
    const error = new Error('short');
    error.stack = `Error: short\n    at ${long('/src/', 400_000)}\n    at own (/x/src/infra/own.ts:7:1)`;
    soon(() => errorFacts(error));
    error.stack = `Error: short\n    at ${long('/src/', 2_000)}\n    at own (/x/src/infra/own.ts:7:1)`;
    expect(errorFacts(error)).toMatchObject({ error_at: 'src/infra/own.ts:7' });
  });
});
