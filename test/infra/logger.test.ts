import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger, type LogValue } from '../../src/infra/logger.ts';
import { BASIC, CARD, EMAIL, expectNoCanary, TOKEN, written } from '../support/log-lines.ts';
import { SECRET_KEY } from './xendit-script.ts';

async function oneFact(value: unknown): Promise<unknown> {
  const { lines } = await written((log) => log.info('event', { fact: value as LogValue }));
  return lines[0]?.fact;
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
