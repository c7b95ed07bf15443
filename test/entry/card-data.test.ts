import { Writable } from 'node:stream';
import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../src/infra/logger.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { gateway } = world;
const lines: string[] = [];
const out = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) });
const log = createLogger('debug', out);
const api = await apiOver({ ...world.ctx, log });
beforeEach(async () => {
  await world.startOver(START);
  lines.length = 0;
});

const CARD = '4000000000001000';
const subscription = (more: object) => ({
  reference_id: 'sub-1',
  plan: 'monthly',
  customer: { reference_id: 'customer-1', given_names: 'Siti' },
  ...more,
});

/** All that is stored and written, as text. */
async function everything(): Promise<string> {
  const tables = await world.ask<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => world.ask<{ text: string }>(sql.raw(`select t::text as text from "${name}" t`))),
  );
  return [...rows.flat().map(({ text }) => text), ...lines].join('\n');
}

async function send(path: string, body: unknown) {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'idempotency-key': 'k-1' };
  return await api.app.inject({ method: 'POST', url: path, headers, payload: JSON.stringify(body) });
}

test.each<[string, string, unknown, string]>([
  [
    'its details in metadata',
    '/v1/subscriptions',
    subscription({ metadata: { card_details: 'x' } }),
    'metadata.card_details',
  ],
  [
    'its details where nothing is expected',
    '/v1/subscriptions',
    subscription({ card_details: { number: 1 } }),
    'card_details',
  ],
  ['a number among words', '/v1/subscriptions', subscription({ metadata: { note: `card ${CARD}` } }), 'metadata.note'],
  ['a number as a number', '/v1/subscriptions', subscription({ quantity: Number(CARD) }), 'quantity'],
  ['a number as a reference', '/v1/subscriptions', { ...subscription({}), reference_id: CARD }, 'reference_id'],
  ['a number in a name', '/v1/subscriptions', subscription({ metadata: { [CARD]: 'x' } }), 'metadata'],
  [
    'a number in the lines',
    '/v1/subscriptions',
    subscription({ items: [{ text: CARD, amount: 5_000 }] }),
    'items.0.text',
  ],
  ['a number in groups', '/v1/subscriptions', subscription({ coupon: '4000 0000 0000 1000' }), 'coupon'],
  ['a number in a catalog', '/v1/catalog/diff', `${plainCatalog}\n# ${CARD}`, 'body'],
])('a body with %s is refused with the field, and leaves no trace', async (_, path, body, field) => {
  const answer = await send(path, body);
  expect(answer.statusCode, answer.body).toBe(400);
  expect(answer.json().errors).toMatchObject([{ field }]);
  expect(answer.body).not.toContain(CARD);
  expect(gateway.saved).toHaveLength(0);
  const left = await everything();
  expect(left).not.toContain(CARD);
  expect(left).not.toContain('4000 0000 0000 1000');
  expect(await world.ask(sql`select 1 from idempotency_keys`)).toEqual([]);
});

test('a body that cannot be read leaves none either', async () => {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
  const answer = await api.send('POST', '/v1/subscriptions', `{"note": "${CARD}"`, headers);
  expect(answer.status).toBe(400);
  expect(await everything()).not.toContain(CARD);
});

test('the log of this test hears what the daemon says', async () => {
  log.info('said', { what: 'something' });
  await expect.poll(everything).toContain('something');
});

test('what Xendit sends of a card that it has saved is no raw card data', async () => {
  const answer = await api.webhook({
    event: 'payment_token.activation',
    data: { card_details: { masked_card_number: '400000XXXXXX1000' } },
  });
  expect(answer.status).toBe(200);
});
