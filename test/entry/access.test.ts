import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { calls, guardCalls } from '../../src/entry/http/calls.ts';
import { ICON_PATH, STYLE_PATH } from '../../src/entry/http/dashboard/frame/style.ts';
import { visitors } from '../../src/entry/http/dashboard/frame/visitors.ts';
import { keyring } from '../../src/entry/http/guard/keyring.ts';
import { refusals } from '../../src/entry/http/refusals.ts';
import { createKey, dropKey, keys } from '../../src/flows/access/keys.ts';
import { apiOver, webhookToken } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const product = await createKey(world.ctx, 'shop', 'product');
const finance = await createKey(world.ctx, 'books', 'finance');
const admin = await createKey(world.ctx, 'ops', 'admin');
const revoked = await createKey(world.ctx, 'gone', 'admin');
await dropKey(world.ctx, revoked.id);
const nobody = '019a0000-0000-7000-8000-000000000001';

/** Each call and who may make it, beside the admin: written down a second time, so that no line changes unseen. */
const table: Readonly<Record<string, string>> = {
  'POST /v1/subscriptions': 'product',
  'GET /v1/subscriptions': 'product finance',
  'GET /v1/subscriptions/:id': 'product finance',
  'GET /v1/subscriptions/:id/upcoming': 'product finance',
  'POST /v1/subscriptions/:id/change/preview': 'product',
  'POST /v1/subscriptions/:id/change': 'product',
  'DELETE /v1/subscriptions/:id/change': 'product',
  'GET /v1/subscriptions/:id/changes': 'product finance',
  'POST /v1/subscriptions/:id/cancel': 'product',
  'DELETE /v1/subscriptions/:id/cancel': 'product',
  'POST /v1/subscriptions/:id/pause': 'product',
  'POST /v1/subscriptions/:id/resume': 'product',
  'POST /v1/subscriptions/:id/grace': 'product',
  'POST /v1/subscriptions/:id/payments': 'finance',
  'GET /v1/customers/:reference/access': 'product finance',
  'POST /v1/subscriptions/:id/onboarding': 'product',
  'POST /v1/subscriptions/:id/consents': 'product',
  'POST /v1/subscriptions/:id/notices': 'product',
  'GET /v1/notices': 'product finance',
  'GET /v1/subscriptions/:id/methods': 'product finance',
  'PATCH /v1/subscriptions/:id/methods/:method': 'product',
  'DELETE /v1/subscriptions/:id/methods/:method': 'product',
  'GET /v1/subscriptions/:id/items': 'product finance',
  'POST /v1/subscriptions/:id/items': 'product',
  'DELETE /v1/subscriptions/:id/items/:item': 'product',
  'GET /v1/charges': 'product finance',
  'GET /v1/charges/:id': 'product finance',
  'POST /v1/charges/:id/pay-link': 'product',
  'POST /v1/charges/:id/retry': 'product finance',
  'POST /v1/charges/:id/void': 'finance',
  'POST /v1/charges/:id/hold': 'finance',
  'POST /v1/charges/:id/release': 'finance',
  'POST /v1/charges/:id/write-off': 'finance',
  'POST /v1/charges/:id/forgive': 'finance',
  'POST /v1/charges/:id/refund': 'finance',
  'GET /v1/refunds': 'product finance',
  'GET /v1/refunds/:id': 'product finance',
  'POST /v1/refunds/:id/approve': 'finance',
  'POST /v1/refunds/:id/withdraw': 'finance',
  'GET /v1/disputes': 'product finance',
  'GET /v1/disputes/:id': 'product finance',
  'POST /v1/disputes/:id/release': 'finance',
  'GET /v1/charge-log': 'finance',
  'GET /v1/reports/forecast': 'finance',
  'GET /v1/catalog': 'product finance',
  'GET /v1/catalog/versions': 'product finance',
  'POST /v1/catalog/diff': 'product finance',
  'POST /v1/catalog/apply': '',
  'GET /metrics': 'product finance',
  'GET /v1/test-clock': '',
  'POST /v1/test-clock': '',
};
const open = [
  'GET /health/live',
  'GET /health/ready',
  'GET /pay/:token',
  'POST /pay/:token',
  'GET /sign-in',
  'POST /sign-in',
  'GET /sign-in/:token',
  'POST /sign-out',
  `GET ${STYLE_PATH}`,
  `GET ${ICON_PATH}`,
  'GET /docs',
  'GET /openapi.json',
];

/** Each page and who may see it signed in, beside the admin. */
const people: Readonly<Record<string, string>> = {
  'GET /': 'product finance',
  'GET /queue': 'product finance',
  'GET /queue/decide': 'product finance',
  'POST /queue/decide': 'product finance',
  'GET /queue/decided/:once': 'product finance',
  'GET /charges': 'product finance',
  'GET /charges/:id': 'product finance',
  'GET /dunning': 'product finance',
  'GET /charges/:id/refund': 'finance',
  'POST /charges/:id/refund': 'finance',
  'GET /refunds': 'product finance',
  'GET /refunds/:id': 'product finance',
  'GET /refunds/:id/approve': 'finance',
  'POST /refunds/:id/approve': 'finance',
  'GET /refunds/:id/withdraw': 'finance',
  'POST /refunds/:id/withdraw': 'finance',
  'GET /subscriptions/:id/add-item': 'product',
  'POST /subscriptions/:id/add-item': 'product',
  'GET /subscriptions/:id/change': 'product',
  'POST /subscriptions/:id/change': 'product',
  'GET /subscriptions/:id/consent': 'product',
  'POST /subscriptions/:id/consent': 'product',
  'GET /subscriptions/:id/first-method': 'product',
  'POST /subscriptions/:id/first-method': 'product',
  'GET /subscriptions/:id/new-method': 'product',
  'POST /subscriptions/:id/new-method': 'product',
  'GET /subscriptions/:id/notice': 'product',
  'POST /subscriptions/:id/notice': 'product',
  'GET /subscriptions/:id/remove-method': 'product',
  'POST /subscriptions/:id/remove-method': 'product',
  'GET /subscriptions/:id/withdraw-change': 'product',
  'POST /subscriptions/:id/withdraw-change': 'product',
  'GET /subscriptions/:id/withdraw-item': 'product',
  'POST /subscriptions/:id/withdraw-item': 'product',
  'GET /disputes': 'product finance',
  'GET /disputes/:id': 'product finance',
  'GET /disputes/:id/release': 'finance',
  'POST /disputes/:id/release': 'finance',
  'GET /reports/forecast': 'finance',
  'GET /activity': '',
  'GET /find': 'product finance',
  'GET /log': 'finance',
  'GET /log/:subscription/:seq': 'finance',
  'GET /health': 'product finance',
  'GET /health/arm': '',
  'POST /health/arm': '',
  'GET /health/stop': '',
  'POST /health/stop': '',
  'GET /health/clock': '',
  'POST /health/clock': '',
  'GET /charges/:id/forgive': 'finance',
  'POST /charges/:id/forgive': 'finance',
  'GET /charges/:id/hold': 'finance',
  'POST /charges/:id/hold': 'finance',
  'GET /charges/:id/release': 'finance',
  'POST /charges/:id/release': 'finance',
  'GET /charges/:id/retry': 'product finance',
  'POST /charges/:id/retry': 'product finance',
  'GET /charges/:id/void': 'finance',
  'POST /charges/:id/void': 'finance',
  'GET /charges/:id/pay': 'finance',
  'POST /charges/:id/pay': 'finance',
  'GET /charges/:id/write-off': 'finance',
  'POST /charges/:id/write-off': 'finance',
  'GET /subscriptions': 'product finance',
  'GET /plans': 'product finance',
  'GET /plans/versions/:number': 'product finance',
  'GET /plans/diff': '',
  'GET /plans/apply': '',
  'POST /plans/apply': '',
  'GET /subscriptions/:id': 'product finance',
  'GET /subscriptions/:id/pause': 'product',
  'POST /subscriptions/:id/pause': 'product',
  'GET /subscriptions/:id/resume': 'product',
  'POST /subscriptions/:id/resume': 'product',
  'GET /subscriptions/:id/cancel': 'product',
  'POST /subscriptions/:id/cancel': 'product',
  'GET /subscriptions/:id/keep': 'product',
  'POST /subscriptions/:id/keep': 'product',
  'GET /subscriptions/:id/grace': 'product',
  'POST /subscriptions/:id/grace': 'product',
  'GET /account': 'product finance',
  'POST /account': 'product finance',
  'POST /account/theme': 'product finance',
};

/** Makes a call with a key; answers its status. */
async function statusOf(call: string, key: string): Promise<number> {
  const [method, path = ''] = call.split(' ');
  const address = path.replace(':id', nobody).replace(':item', nobody).replace(':method', nobody);
  if (method === 'PATCH') {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    return (await api.send('PATCH', address, '{"rank":1}', headers)).status;
  }
  if (method === 'DELETE') return (await api.delete(address, key)).status;
  return (method === 'GET' ? await api.get(address, key) : await api.post(address, {}, key)).status;
}

const reads = ['/v1/subscriptions', '/v1/charges', '/v1/charge-log', `/v1/subscriptions/${nobody}/upcoming`];
const productWrites = ['cancel', 'pause', 'resume', 'onboarding'].map((verb) => `/v1/subscriptions/${nobody}/${verb}`);
const adminWrites = ['retry', 'void', 'release', 'forgive', 'write-off'].map((verb) => `/v1/charges/${nobody}/${verb}`);

describe('who may do what', () => {
  test('without a key nothing is told, not even what is wrong with the request', async () => {
    const calls = [...reads, '/v1/test-clock', `/v1/charges/${nobody}`, '/v1/charges?limit=x'].map((path) =>
      api.send('GET', path, '', {}),
    );
    const posts = ['/v1/subscriptions', '/v1/test-clock', ...productWrites, ...adminWrites].map((path) =>
      api.send('POST', path, '{"unknown":', { 'content-type': 'application/json' }),
    );
    for (const answer of await Promise.all([...calls, ...posts])) {
      expect(answer.status).toBe(401);
      expect(answer.type).toContain('application/problem+json');
      expect(answer.body.errors).toBeUndefined();
    }
  });

  test.each(['wrong', '', 'Bearer', `${product.secret}x`, product.secret.slice(0, -1), 'ключ', "' or 1=1 --"])(
    'the key %j is nobody',
    async (key) => {
      const authorization = Buffer.from(`Bearer ${key}`, 'utf8').toString('latin1');
      expect((await api.send('GET', '/v1/charges', '', { authorization })).status).toBe(401);
    },
  );

  test('a key in another scheme, or in the address, is none', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`${product.secret}:`).toString('base64')}` };
    expect((await api.send('GET', '/v1/charges', '', basic)).status).toBe(401);
    expect((await api.send('GET', `/v1/charges?key=${product.secret}`, '', {})).status).toBe(401);
  });

  test('the scheme is read in any case, as HTTP says', async () => {
    const authorization = `bearer ${product.secret}`;
    expect((await api.send('GET', '/v1/charges', '', { authorization })).status).toBe(200);
  });

  test('every call has one line that says who may make it, and no other', () => {
    const kept = Object.entries(calls).flatMap(([call, callers]) =>
      typeof callers === 'string' || 'people' in callers ? [] : [{ call, callers }],
    );
    expect(Object.fromEntries(kept.map(({ call, callers }) => [call, callers.join(' ')]))).toEqual(table);
    expect(Object.keys(calls).filter((call) => calls[call] === 'anyone')).toEqual(open);
    const pages = Object.entries(calls).flatMap(([call, callers]) =>
      typeof callers !== 'string' && 'people' in callers ? [[call, callers.people.join(' ')]] : [],
    );
    expect(Object.fromEntries(pages)).toEqual(people);
  });

  test('a route that nobody put into the table keeps the daemon from starting', () => {
    const app = fastify();
    guardCalls(app, keyring(world.ctx, null, refusals()), visitors(world.ctx, null));
    expect(() => app.get('/v1/forgotten', () => 'open to all')).toThrow('GET /v1/forgotten has no line');
  });

  test.each(Object.entries(table))('%s is for "%s" and the admin, and for nobody else', async (call, roles) => {
    for (const [role, key] of [
      ['product', product],
      ['finance', finance],
      ['admin', admin],
    ] as const) {
      const allowed = role === 'admin' || roles.split(' ').includes(role);
      const status = await statusOf(call, key.secret);
      expect([role, status === 403]).toEqual([role, !allowed]);
      expect([401, 429]).not.toContain(status);
    }
    // Who tries too many is told to wait.
    expect([401, 429]).toContain(await statusOf(call, revoked.secret));
    expect([401, 429]).toContain(await statusOf(call, webhookToken));
  });

  test('HEAD is guarded as GET is', async () => {
    const fresh = await apiOver(world.ctx);
    const ask = (headers: Record<string, string>) =>
      fresh.app.inject({ method: 'HEAD', url: '/v1/charge-log', headers });
    expect((await ask({})).statusCode).toBe(401);
    expect((await ask({ authorization: `Bearer ${product.secret}` })).statusCode).toBe(403);
  });

  test('finance reads the charge log and cancels nothing; the product sells and does not read the books', async () => {
    const id = await world.onboard('kept');
    expect((await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' }, finance.secret)).status).toBe(403);
    expect((await api.get('/v1/charge-log', product.secret)).text).not.toContain('kept');
    expect((await api.get('/v1/charge-log', finance.secret)).text).toContain('kept');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('a revoked key is nobody from then on', async () => {
    // A server that nobody was refused by too often: a key that it does not know is looked up.
    const fresh = await apiOver(world.ctx);
    const passing = await createKey(world.ctx, 'passing', 'finance');
    expect((await fresh.get('/v1/charges', passing.secret)).status).toBe(200);
    await dropKey(world.ctx, passing.id);
    expect([401, 429]).toContain((await fresh.get('/v1/charges', passing.secret)).status);
  });

  test('who did it stands in the charge log: the role, and the name of the key', async () => {
    const id = await world.onboard('audited');
    await api.post(`/v1/subscriptions/${id}/pause`, {}, admin.secret);
    await api.post(`/v1/subscriptions/${id}/resume`, {});
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' }, product.secret);
    const { data } = (await api.get('/v1/charge-log')).body;
    const told = data.filter((one: { subscription_id: string }) => one.subscription_id === id);
    const actors = Object.fromEntries(told.map((one: { kind: string; actor: string }) => [one.kind, one.actor]));
    expect(actors).toMatchObject({
      'subscription.paused': 'api:admin:ops',
      'subscription.resumed': 'api:admin',
      'subscription.canceled': 'api:product:shop',
    });
  });
});

describe('a key', () => {
  test('is stored by its hash, listed by its beginning, and never shown again', async () => {
    const [stored] = await world.ask<{ all: string; digest: string }>(
      sql`select string_agg(k::text, ' ') as all, max(digest) as digest from api_keys k where name = 'shop'`,
    );
    expect(stored?.digest).toBe(createHash('sha256').update(product.secret).digest('hex'));
    const listed = JSON.stringify(await keys(world.ctx));
    for (const text of [stored?.all, listed]) {
      expect(text).toContain('shop');
      expect(text).not.toContain(product.secret.slice(9));
    }
    expect(product.secret).toMatch(/^due_[\w-]{32}$/);
  });

  test('once revoked is listed as such, and cannot be revoked again', async () => {
    const listed = await keys(world.ctx);
    expect(listed.find(({ id }) => id === revoked.id)?.revokedAt).toEqual(world.now());
    expect(await dropKey(world.ctx, revoked.id)).toBe(false);
  });

  test.each(['', '=1+1', 'a\nb', '\u202Eevil', 'x'.repeat(61), 'a:b', ' a'])(
    'is not made under the name %j',
    async (name) => {
      await expect(createKey(world.ctx, name, 'product')).rejects.toThrow('name: ');
    },
  );
});

test('whoever hangs up before the refusal is written has done nothing all the same', async () => {
  const app = fastify();
  const [asked, written, gone] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const done: string[] = [];
  app.addHook('onSend', async (request, _reply, payload) => {
    request.raw.socket.once('close', () => gone.resolve());
    asked.resolve();
    await written.promise;
    return payload;
  });
  guardCalls(app, keyring(world.ctx, null, refusals()), visitors(world.ctx, null));
  app.post('/v1/subscriptions/:id/pause', async () => done.push('paused'));
  const url = new URL(`/v1/subscriptions/${nobody}/pause`, await app.listen({ port: 0, host: '127.0.0.1' }));
  const hangUp = new AbortController();
  const call = fetch(url, { method: 'POST', signal: hangUp.signal }).catch(() => 'hung up');
  await asked.promise;
  hangUp.abort();
  await Promise.all([call, gone.promise]);
  await new Promise((resolve) => setImmediate(resolve));
  written.resolve();
  await app.close();
  expect(done).toEqual([]);
});
