import { Writable } from 'node:stream';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import got, { HTTPError } from 'got';
import { describe, expect, it } from 'vitest';
import { createLogger, errorFacts, type LogLevel, type LogValue } from '../../src/infra/logger.ts';
import { masked } from '../../src/infra/secrets.ts';
import { answer, SECRET_KEY, scripted } from './xendit-script.ts';

const TOKEN = 'pt-1402feb0-bb79-47ae-9d1e-e69394d3949c';
const CARD = '4000000000001091';
const EMAIL = 'jane.doe@example.com';
const BASIC = Buffer.from(`${SECRET_KEY}:`).toString('base64');
const CANARIES = [SECRET_KEY, TOKEN, CARD, EMAIL, BASIC, 'hunter2'];

/** What was written to stdout, line by line, for what was said. */
async function written(say: (log: ReturnType<typeof createLogger>) => void, level: LogLevel = 'info') {
  const chunks: string[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      // Slower than the log, as a pipe is.
      setImmediate(done);
    },
  });
  const log = createLogger(level, out);
  say(log);
  await log.close();
  const text = chunks.join('');
  const lines = text.split('\n').filter((line) => line !== '');
  return { text, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

async function oneFact(value: unknown): Promise<unknown> {
  const { lines } = await written((log) => log.info('event', { fact: value as LogValue }));
  return lines[0]?.fact;
}

function expectNoCanary(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary);
}

describe('a line of the log', () => {
  it('has a time, a level, an event and its facts', async () => {
    const { lines } = await written((log) => log.warn('attempt settled', { chargeId: 'c1', number: 2, paid: true }));
    expect(lines).toEqual([
      { at: expect.any(String), level: 'warn', event: 'attempt settled', chargeId: 'c1', number: 2, paid: true },
    ]);
    expect(() => Temporal.Instant.from(String(lines[0]?.at))).not.toThrow();
  });

  it('is left out below the level', async () => {
    const { lines } = await written((log) => {
      for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
    }, 'warn');
    expect(lines.map((line) => line.event)).toEqual(['warn', 'error']);
  });

  it('cannot be made to say another time, level or event', async () => {
    const { lines } = await written((log) =>
      log.info('real', { event: 'fake', level: 'error', at: 'never', message: 'm' }),
    );
    expect(lines[0]).toMatchObject({
      event: 'real',
      level: 'info',
      fact_event: 'fake',
      fact_level: 'error',
      message: 'm',
    });
  });

  it('is never lost on the way out', async () => {
    const { lines } = await written((log) => {
      for (let line = 0; line < 1_000; line += 1) log.info('line', { line });
    });
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 1_000 }, (_, line) => line));
  });

  it('stops nobody when the reader has gone', async () => {
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const log = createLogger('info', gone);
    log.info('into the void');
    await new Promise(setImmediate);
    expect(() => log.info('still here')).not.toThrow();
    await log.close();
  });

  it('says nothing after it was closed, whatever a timer still has to tell', async () => {
    const said: string[] = [];
    const log = createLogger('info', new Writable({ write: (chunk, _, done) => done(void said.push(String(chunk))) }));
    await log.close();
    log.info('too late');
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(said.join('')).toBe('');
  });
});

describe('a fact is a plain value', () => {
  it.each([
    ['text', 'text'],
    [1.5, 1.5],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [9007199254740993n, '9007199254740993'],
    [false, false],
    [null, null],
    [Temporal.Instant.from('2026-01-01T00:00:00Z'), '2026-01-01T00:00:00Z'],
    [Temporal.PlainDate.from('2026-01-31'), '2026-01-31'],
    [Temporal.Duration.from('PT5M'), 'PT5M'],
  ])('%s', async (value, shown) => expect(await oneFact(value)).toEqual(shown));

  it.each([
    ['an object', { secret: 'hunter2' }],
    ['an array', ['hunter2']],
    ['an error', new Error('hunter2')],
    ['something that pretends', { toString: (): string => 'hunter2', toJSON: (): string => 'hunter2' }],
    ['a function', () => 'hunter2'],
    ['a symbol', Symbol('hunter2')],
  ])('%s is none', async (_name, value) => expect(await oneFact(value)).toBe('(no fact)'));

  it('a fact that is not there leaves no trace', async () => {
    const { lines } = await written((log) => log.info('event', { absent: undefined as unknown as LogValue }));
    expect(lines[0]).not.toHaveProperty('absent');
  });

  it('a long text is cut at 500 characters', async () => {
    expect(String(await oneFact('x'.repeat(100_000)))).toHaveLength(500);
  });

  it('a text with line breaks and control characters stays on one line and harmless', async () => {
    const nasty = 'one\ntwo\r\n{"level":"error"}\u001b[2J\u0000\u0085\u2028\u202e\u009b31m';
    const { text, lines } = await written((log) => log.info(`event\n${nasty}`, { nasty }));
    expect(text.split('\n')).toHaveLength(2);
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
    expect(lines[0]?.nasty).toBe(nasty);
  });
});

describe('what looks like a secret is masked, wherever it stands', () => {
  it.each([
    [`key ${SECRET_KEY}!`, 'key xnd_***!'],
    ['xnd_production_abc-DEF_123', 'xnd_***'],
    [`token=${TOKEN};`, 'token=pt-***;'],
    [`to ${EMAIL}, now`, 'to ***@***, now'],
    [`card ${CARD}.`, 'card [card number].'],
    ['card 4000 0000 0000 1091', 'card [card number]'],
    ['card 4000-0000-0000-1091', 'card [card number]'],
    [`authorization: Basic ${BASIC}`, 'authorization: Basic ***'],
    ['Bearer abc.def-ghi', 'Bearer ***'],
    ['postgres://dueday:hunter2@db:5432/dueday', 'postgres://***@db:5432/dueday'],
  ])('%s', async (text, safe) => {
    expect(await oneFact(text)).toBe(safe);
    const { text: line } = await written((log) => log.info(text, { [text]: 1 }));
    expectNoCanary(line);
  });

  it.each([
    '01890a5d-ac96-774b-bcce-123456789012',
    'sub_01890a5dac96774bbcce0123456789ab-c12-a3',
    'pr-1402feb0-bb79-47ae-9d1e-e69394d3949c',
    '2026-01-01T09:00:00+07:00[Asia/Jakarta]',
    'an opt-in that is basic',
    'IDR 150000',
  ])('%s is no secret', async (text) => expect(await oneFact(text)).toBe(text));

  it('a text of a megabyte costs no time', async () => {
    const started = performance.now();
    for (const bit of ['1 ', 'a@', 'pt-', 'Basic ', 'xnd_', '://']) await oneFact(bit.repeat(500_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

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
