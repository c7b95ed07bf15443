import { describe, expect, test } from 'vitest';
import { createKey, dropKey } from '../../src/flows/access/keys.ts';
import { apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const product = await createKey(world.ctx, 'shop', 'product');
const finance = await createKey(world.ctx, 'books', 'finance');
const admin = await createKey(world.ctx, 'ops', 'admin');
const nobody = '019a0000-0000-7000-8000-000000000001';

const reads = ['/v1/subscriptions', '/v1/charges', '/v1/charge-log', `/v1/subscriptions/${nobody}/upcoming`];
const productWrites = ['cancel', 'pause', 'resume', 'onboarding'].map((verb) => `/v1/subscriptions/${nobody}/${verb}`);
const adminWrites = ['retry', 'void', 'release'].map((verb) => `/v1/charges/${nobody}/${verb}`);

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

  test('finance reads and changes nothing', async () => {
    for (const path of reads) expect((await api.get(path, finance.secret)).status).not.toBe(403);
    for (const path of ['/v1/subscriptions', ...productWrites, ...adminWrites, '/v1/test-clock']) {
      const answer = await api.post(path, {}, finance.secret);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.type).toContain('application/problem+json');
    }
    expect((await api.get('/v1/test-clock', finance.secret)).status).toBe(403);
  });

  test('the product changes subscriptions, and no charge by hand', async () => {
    for (const path of productWrites)
      expect((await api.post(path, { at: 'now' }, product.secret)).status).not.toBe(403);
    for (const path of adminWrites) expect((await api.post(path, {}, product.secret)).status).toBe(403);
  });

  test('an admin may do everything', async () => {
    for (const path of reads) expect((await api.get(path, admin.secret)).status).not.toBe(403);
    for (const path of [...productWrites, ...adminWrites]) {
      expect([400, 404]).toContain((await api.post(path, { at: 'now' }, admin.secret)).status);
    }
  });

  test('a revoked key is nobody from then on', async () => {
    const passing = await createKey(world.ctx, 'passing', 'finance');
    expect((await api.get('/v1/charges', passing.secret)).status).toBe(200);
    await dropKey(world.ctx, passing.id);
    expect((await api.get('/v1/charges', passing.secret)).status).toBe(401);
  });

  test('who did it stands in the charge log', async () => {
    const id = await world.onboard('audited');
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' }, product.secret);
    const { data } = (await api.get('/v1/charge-log')).body;
    const entry = data.find((one: { kind: string }) => one.kind === 'subscription.canceled');
    expect(entry).toMatchObject({ subscription_id: id, actor: 'api:product' });
  });
});
