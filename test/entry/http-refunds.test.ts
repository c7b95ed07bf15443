import { beforeEach, describe, expect, test } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { apiOver } from '../support/api.ts';
import { refundingIn } from '../support/refunding.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const catalog = plainCatalog.replace('defaults:', 'defaults:\n  refunds: { four_eyes: { IDR: 100000 } }');
const world = await testWorld({ at: start, catalog });
const api = await apiOver(world.ctx);
const { paid, ends } = refundingIn(world);

let ana: string;
let budi: string;
beforeEach(async () => {
  await world.startOver(start);
  [ana, budi] = (await Promise.all(
    ['ana', 'budi'].map(async (name) => (await createKey(world.ctx, name, 'finance')).secret),
  )) as [string, string];
});

const wish = { amount: 50_000, reason: 'REQUESTED_BY_CUSTOMER', note: 'the customer asked for it' };
const ask = (charge: string, more: object = {}, key = ana) =>
  api.post(`/v1/charges/${charge}/refund`, { ...wish, ...more }, key);

describe('a refund by the API', () => {
  test('is answered as it is written down, and shows what became of it', async () => {
    const { subscription, charge } = await paid();
    const asked = await ask(charge);
    expect(asked.status).toBe(201);
    expect(asked.body).toEqual({
      id: expect.any(String),
      charge_id: charge,
      subscription_id: subscription,
      amount: 50_000,
      currency: 'IDR',
      state: 'approved',
      origin: 'dueday',
      reference_id: `due_${subscription}_r1`,
      refund_id: null,
      payment_request_id: expect.stringMatching(/^pr-/),
      reason: 'REQUESTED_BY_CUSTOMER',
      note: 'the customer asked for it',
      why: null,
      failure_code: null,
      fee: null,
      asked_by: 'api:finance:ana',
      asked_at: start,
      approved_by: 'api:finance:ana',
      approved_at: start,
      next_at: start,
      settled_at: null,
    });
    await world.work();
    await ends('succeeded');
    expect((await api.get(`/v1/refunds/${asked.body.id}`)).body).toMatchObject({
      state: 'succeeded',
      settled_at: start,
    });
    const listed = (await api.get(`/v1/refunds?charge=${charge}&state=succeeded`)).body;
    expect(listed).toMatchObject({ data: [{ id: asked.body.id }], next_cursor: null });
    expect((await api.get(`/v1/charges/${charge}`)).body).toMatchObject({
      status: 'partially_refunded',
      refunded: 50_000,
    });
  });

  test('above the sum of the catalog is approved by another key, and by no other way', async () => {
    const { charge } = await paid();
    const asked = await ask(charge, { amount: undefined });
    expect(asked.body).toMatchObject({ amount: 150_000, state: 'wanted', approved_by: null });
    const path = `/v1/refunds/${asked.body.id}`;
    const same = await api.post(`${path}/approve`, {}, ana);
    expect(same).toMatchObject({ status: 403, body: { detail: expect.stringContaining('somebody else') } });
    expect((await api.post(`${path}/approve`, {}, budi)).body).toMatchObject({
      state: 'approved',
      approved_by: 'api:finance:budi',
    });
    expect((await api.post(`${path}/approve`, {}, budi)).status).toBe(409);
    expect((await api.post(`${path}/withdraw`, { reason: 'it was a mistake' }, ana)).body).toMatchObject({
      state: 'withdrawn',
    });
    expect((await api.post(`${path}/withdraw`, {}, ana)).status).toBe(409);
  });

  test.each([
    [{ amount: 0 }, 'amount'],
    [{ amount: -1 }, 'amount'],
    [{ amount: 0.5 }, 'amount'],
    [{ amount: '50000' }, 'amount'],
    [{ reason: 'BECAUSE' }, 'reason'],
    [{ note: 'short' }, 'note'],
    [{ note: undefined }, 'note'],
    [{ force: true }, 'force'],
  ])('with %j is told the field, and nothing is written', async (more, field) => {
    const { charge } = await paid();
    const answer = await ask(charge, more);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect((await api.get('/v1/refunds')).body.data).toEqual([]);
  });

  test('beyond what is left, of nothing, or of what nobody has is refused in words', async () => {
    const { charge } = await paid();
    expect(await ask(charge, { amount: 150_001 })).toMatchObject({
      status: 409,
      body: { detail: 'amount must be at most IDR 150,000: that is left of the payment.' },
    });
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect((await ask(nobody)).status).toBe(404);
    for (const verb of ['approve', 'withdraw'])
      expect((await api.post(`/v1/refunds/${nobody}/${verb}`, {})).status).toBe(404);
    expect((await api.get(`/v1/refunds/${nobody}`)).status).toBe(404);
    expect((await api.post(`/v1/charges/${charge}/refund`)).status).toBe(400);
  });

  test('is no business of a product', async () => {
    const { charge } = await paid();
    const { secret } = await createKey(world.ctx, 'shop', 'product');
    expect((await ask(charge, {}, secret)).status).toBe(403);
    expect((await api.get('/v1/refunds', secret)).status).toBe(200);
  });

  test('is paged, the newest first, without one twice', async () => {
    const ids: string[] = [];
    for (const name of ['sub-1', 'sub-2', 'sub-3']) ids.unshift((await ask((await paid(name)).charge)).body.id);
    const first = (await api.get('/v1/refunds?limit=2')).body;
    const second = (await api.get(`/v1/refunds?limit=2&cursor=${first.next_cursor}`)).body;
    const seen = [...first.data, ...second.data].map(({ id }: { readonly id: string }) => id);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(second.next_cursor).toBeNull();
  });
});
