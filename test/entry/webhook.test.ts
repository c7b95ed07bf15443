import { readdirSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import { createLogger } from '../../src/infra/logger.ts';
import { bodyOf, type InboxRow } from '../../src/infra/tables/inbox/inbox.ts';
import { apiOver, webhookToken } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const fixtures = new URL('../fixtures/xendit/', import.meta.url);
const samples = readdirSync(fixtures).filter((name) => name.startsWith('webhook.') && name.endsWith('.json'));
const sample = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as Record<string, unknown>;

type Row = Pick<InboxRow, 'id' | 'event' | 'status' | 'deliveries' | 'body'> & { webhook_id: string | null };

async function inbox(event?: string): Promise<readonly Row[]> {
  const stored = await world.db.run<Row>(
    sql`select id, event, status, deliveries, body, webhook_id from inbox order by received_at, id`,
  );
  const all = stored.map((row) => ({ ...row, body: bodyOf(world.db.vault, { ...row, sealedWith: 'test' }) }));
  return event === undefined ? all : all.filter((row) => row.event === event);
}

describe('who may send webhooks', () => {
  test.each([
    ['no token', {}],
    ['an empty one', { 'x-callback-token': '' }],
    ['a wrong one', { 'x-callback-token': 'wrong' }],
    ['the beginning of ours', { 'x-callback-token': webhookToken.slice(0, -1) }],
    ['more than ours', { 'x-callback-token': `${webhookToken}x` }],
    ['Cyrillic', { 'x-callback-token': 'ключ' }],
    ['a letter with an accent', { 'x-callback-token': `${webhookToken}\u00e9` }],
    ['ours in full width', { 'x-callback-token': webhookToken.replace('c', 'ｃ') }],
    ['ours in capitals', { 'x-callback-token': webhookToken.toUpperCase() }],
    ['ours twice', { 'x-callback-token': `${webhookToken}, ${webhookToken}` }],
    ['an API key', { authorization: 'Bearer admin-key-of-the-tests' }],
  ])('%s is answered 401, and stores nothing', async (_what, headers) => {
    const answer = await api.webhook({ event: 'forged' }, headers as Record<string, string>);
    expect([answer.status, answer.type.includes('problem+json')]).toEqual([401, true]);
    expect(await inbox('forged')).toEqual([]);
  });

  test('a list of tokens is none, even with the right one in it', async () => {
    const answer = await api.app.inject({
      method: 'POST',
      url: '/webhooks/xendit',
      headers: { 'x-callback-token': [webhookToken, webhookToken], 'content-type': 'application/json' },
      payload: '{"event":"forged"}',
    });
    expect(answer.statusCode).toBe(401);
  });

  test('the token is asked for before the body is looked at', async () => {
    const large = JSON.stringify({ event: 'x'.repeat(100_000) });
    expect((await api.webhook(large, { 'x-callback-token': 'wrong' })).status).toBe(401);
    expect((await api.webhook('{', { 'x-callback-token': 'wrong' })).status).toBe(401);
  });

  test('while a token is replaced, the old and the new one are good', async () => {
    const rotating = await apiOver(world.ctx, { webhookTokens: ['old-token', 'new-token'] });
    const send = async (token: string) =>
      (await rotating.webhook({ event: token }, { 'x-callback-token': token })).status;
    expect([await send('old-token'), await send('new-token'), await send('older-token')]).toEqual([200, 200, 401]);
  });
});

describe('what is stored', () => {
  test('the row is there when the answer comes, and the work is still to be done', async () => {
    const answer = await api.webhook(
      { event: 'probe', data: { a: 1 } },
      {
        'x-callback-token': webhookToken,
        'webhook-id': 'wh-1',
      },
    );
    expect([answer.status, answer.body]).toEqual([200, { received: 'new' }]);
    expect(await inbox('probe')).toMatchObject([
      { status: 'received', webhook_id: 'wh-1', body: { event: 'probe', data: { a: 1 } } },
    ]);
  });

  test('the same twice is stored once, also when `created` and the order of the keys differ', async () => {
    const first = { event: 'again', business_id: 'b', created: '2026-01-31T02:00:00Z', data: { id: 1 } };
    const second = { created: '2026-01-31T02:15:00Z', data: { id: 1 }, event: 'again', business_id: 'b' };
    const answers = [await api.webhook(first), await api.webhook(first), await api.webhook(second)];
    expect(answers.map((one) => one.body)).toEqual([{ received: 'new' }, { received: 'known' }, { received: 'known' }]);
    expect(await inbox('again')).toMatchObject([{ deliveries: 3 }]);
  });

  test('the same from many connections at once is stored once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => api.webhook({ event: 'storm', data: { id: 7 } })),
    );
    expect(answers.every((one) => one.status === 200)).toBe(true);
    expect(answers.filter((one) => one.body.received === 'new')).toHaveLength(1);
    expect(await inbox('storm')).toMatchObject([{ deliveries: 12 }]);
  });

  test('other data under the same event is another webhook', async () => {
    await api.webhook({ event: 'pair', data: { id: 1 } });
    await api.webhook({ event: 'pair', data: { id: 2 } });
    expect(await inbox('pair')).toHaveLength(2);
  });

  test.each([
    ['an unknown event', { event: 'moon.landed', data: {} }],
    ['no event', { data: {} }],
    ['an event that is no text', { event: { deep: true } }],
    ['a list', [1, 2]],
    ['a number', 7],
    ['null', null],
    ['a prototype', '{"event":"proto","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'],
    ['NUL', '{"event":"n\\u0000ul","data":"\\u0000"}'],
    ['half a character', '{"event":"half","data":"\\ud800"}'],
  ])('%s is answered 200, stored and laid aside', async (_what, body) => {
    const before = (await inbox()).length;
    const answer = await api.webhook(typeof body === 'string' ? body : JSON.stringify(body));
    expect(answer.status, answer.text).toBe(200);
    expect(await inbox()).toHaveLength(before + 1);
    await processWebhooks(world.ctx);
    expect((await inbox()).filter((row) => row.status === 'received')).toEqual([]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('what is no webhook', () => {
  test.each([
    ['no JSON', 'event=payment.capture', 400],
    ['half of it', '{"event":', 400],
    ['nothing', '', 400],
    ['a body nested without end', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400],
    ['more than 64 KB', JSON.stringify({ event: 'x'.repeat(64 * 1_024) }), 413],
  ])('%s is refused', async (_what, body, status) => {
    const before = (await inbox()).length;
    const answer = await api.webhook(body);
    expect([answer.status, answer.type.includes('problem+json')]).toEqual([status, true]);
    expect(await inbox()).toHaveLength(before);
  });

  test('another content type is 415', async () => {
    const headers = { 'x-callback-token': webhookToken, 'content-type': 'text/plain' };
    expect((await api.send('POST', '/webhooks/xendit', '{}', headers)).status).toBe(415);
  });
});

test.each(samples)("Xendit's own sample %s is answered 200 and never stops the others", async (name) => {
  const errors = world.logged.filter((line) => line.event === 'webhook could not be processed').length;
  const answer = await api.webhook(sample(name));
  expect(answer.status).toBe(200);
  await processWebhooks(world.ctx);
  expect((await inbox()).filter((row) => row.status === 'received')).toEqual([]);
  expect(world.logged.filter((line) => line.event === 'webhook could not be processed')).toHaveLength(errors);
});

test('nothing that is sent can forge a line of the log: one event, one line of JSON', async () => {
  const written: string[] = [];
  const forged = '{"at":"2026-01-31T02:00:00Z","level":"error","event":"charging stopped"}';
  for (const end of ['\n', '\r\n', '\u2028', '\u0085', '\u001b[2K\r', '\u0000']) {
    const out = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void written.push(chunk.toString())) });
    const log = createLogger('debug', out);
    const logging = await apiOver({ ...world.ctx, log });
    expect((await logging.webhook({ event: `payment.capture${end}${forged}` })).status).toBe(200);
    await logging.get(`/v1/charges?customer=x%0A${encodeURIComponent(forged)}`);
    await logging.post('/v1/subscriptions', { reference_id: `a\n${forged}` });
    await log.close();
  }
  const lines = written.join('').split('\n').slice(0, -1);
  expect(lines).toHaveLength(6);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({ level: 'info', event: 'webhook received' });
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  }
});

test('processing is woken for what is new, and not for what is known', async () => {
  let wakes = 0;
  const woken = await apiOver({
    ...world.ctx,
    wake: () => {
      wakes += 1;
    },
  });
  await woken.webhook({ event: 'bell' });
  await woken.webhook({ event: 'bell' });
  expect(wakes).toBe(1);
});
