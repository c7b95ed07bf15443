import { describe, expect, test } from 'vitest';
import { adminKey, apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);

function idOf(one: { readonly id: string }): string {
  return one.id;
}

describe('changing a subscription', () => {
  test('canceled now, it owes and is charged nothing more', async () => {
    const id = await world.onboard('cancel-now');
    const gone = await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now', reason: 'moved away' });
    expect(gone.body).toMatchObject({ status: 'canceled', reason: 'moved away', next_charge_at: null });
    await world.work();
    expect(world.gateway.sent.filter((one) => one.referenceId.includes(id))).toEqual([]);
    expect((await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' })).status).toBe(409);
  });

  test("canceled at the period's end, it says when and has no next charge", async () => {
    const id = await world.onboard('cancel-later');
    await world.work();
    const { body } = await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end' });
    expect(body).toMatchObject({ status: 'active', cancel_at: '2026-02-28T02:00:00Z', next_charge_at: null });
    expect((await api.get(`/v1/subscriptions/${id}/upcoming`)).body.data).toEqual([]);
  });

  test("paused until a day, at the period's end, it says both, and what that replaced", async () => {
    const id = await world.onboard('pause-later');
    await world.work();
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end', reason: 'moved away' });
    const { body } = await api.post(`/v1/subscriptions/${id}/pause`, { at: 'period_end', until: '2026-04-15' });
    expect(body).toMatchObject({
      status: 'active',
      cancel_at: null,
      pause_at: '2026-02-28T02:00:00Z',
      resumes_on: '2026-04-15',
      replaced: { what: 'cancel', at: '2026-02-28T02:00:00Z', reason: 'moved away' },
    });
    expect(await api.post(`/v1/subscriptions/${id}/resume`, {})).toMatchObject({
      status: 200,
      body: { pause_at: null, resumes_on: null },
    });
    expect((await api.get(`/v1/subscriptions/${id}`)).body).not.toHaveProperty('replaced');
    expect((await api.post(`/v1/subscriptions/${id}/resume`, {})).status).toBe(409);
  });

  test('canceled and taken back: 200 while it is planned, 409 once it has happened', async () => {
    const id = await world.onboard('cancel-back');
    await world.work();
    expect((await api.delete(`/v1/subscriptions/${id}/cancel`)).status).toBe(409);
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end' });
    const back = await api.delete(`/v1/subscriptions/${id}/cancel`);
    expect(back).toMatchObject({ status: 200, body: { status: 'active', cancel_at: null } });
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now' });
    expect(await api.delete(`/v1/subscriptions/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('The subscription is canceled') },
    });
  });

  test('taken back once under its Idempotency-Key, and answered alike', async () => {
    const id = await world.onboard('cancel-back-once');
    await world.work();
    await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end' });
    const headers = { authorization: `Bearer ${adminKey}`, 'idempotency-key': 'back-once' };
    const answers = [
      await api.send('DELETE', `/v1/subscriptions/${id}/cancel`, '', headers),
      await api.send('DELETE', `/v1/subscriptions/${id}/cancel`, '', headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
  });

  test('canceled with a refund of its last payment says so among its refunds', async () => {
    const id = await world.onboard('refund-last');
    await world.work();
    expect((await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now', refund: 'last' })).status).toBe(200);
    expect((await api.get(`/v1/refunds?subscription=${id}`)).body).toMatchObject({
      data: [{ amount: 150_000, state: 'approved', reason: 'CANCELLATION' }],
    });
  });

  test('named by its own reference, in every call that takes an id', async () => {
    const customerOfOurs = { referenceId: 'named', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const id = await world.onboard('sub/1001 ü', 'monthly', { customer: customerOfOurs });
    await world.work();
    const named = `/v1/subscriptions/${encodeURIComponent('ref:sub/1001 ü')}`;
    expect((await api.get(named)).body).toMatchObject({ id, reference_id: 'sub/1001 ü' });
    expect((await api.get(`${named}/upcoming?count=1`)).body.data).toHaveLength(1);
    expect((await api.post(`${named}/pause`)).body).toMatchObject({ id, status: 'paused' });
    expect((await api.post(`${named}/resume`)).body).toMatchObject({ id, status: 'active' });
    expect((await api.post(`${named}/onboarding`)).status).toBe(201);
    expect((await api.post(`${named}/cancel`, { at: 'now' })).body).toMatchObject({ id, status: 'canceled' });
    const long = 'ü'.repeat(255);
    const longest = await world.onboard(long, 'monthly', { customer: { ...customerOfOurs, referenceId: 'longest' } });
    expect((await api.get(`/v1/subscriptions/ref:${encodeURIComponent(long)}`)).body.id).toBe(longest);
    for (const unknown of ['ref:nobody', 'ref:', 'sub-1001', 'ref:a%0Ab', `ref:${'x'.repeat(256)}`]) {
      const answer = await api.get(`/v1/subscriptions/${unknown}`);
      expect([unknown, answer.status, answer.type]).toEqual([unknown, 404, expect.stringContaining('problem+json')]);
    }
  });

  test('a list is narrowed to a reference, and to a customer by any of their names', async () => {
    const [a, b] = [await world.onboard('narrowed-a'), await world.onboard('narrowed-b')];
    const found = async (query: string) => (await api.get(`/v1/subscriptions?${query}`)).body.data.map(idOf);
    expect(await found('reference_id=narrowed-a')).toEqual([a]);
    const { customer: who } = (await api.get(`/v1/subscriptions/${b}`)).body;
    for (const name of [who.id, who.reference_id, who.xendit_customer_id, `ref:${who.reference_id}`])
      expect([name, await found(`customer=${name}`)]).toEqual([name, [b]]);
    expect(await found(`customer=${who.reference_id}&reference_id=narrowed-a`)).toEqual([]);
    for (const none of ['reference_id=nobody', 'customer=nobody', `reference_id=${a}`])
      expect(await found(none)).toEqual([]);
  });

  test('paused and resumed, by bodiless requests', async () => {
    const id = await world.onboard('pause');
    await world.work();
    expect((await api.post(`/v1/subscriptions/${id}/pause`)).body).toMatchObject({
      status: 'paused',
      next_charge_at: null,
    });
    expect((await api.post(`/v1/subscriptions/${id}/pause`)).status).toBe(409);
    expect((await api.post(`/v1/subscriptions/${id}/resume`, {})).body).toMatchObject({ status: 'active' });
    expect((await api.post(`/v1/subscriptions/${id}/resume`)).status).toBe(409);
  });

  test('a new session replaces the payment method, with or without a body', async () => {
    const id = await world.onboard('replace');
    const before = (await api.get(`/v1/subscriptions/${id}`)).body.onboarding.session_id;
    const opened = await api.post(`/v1/subscriptions/${id}/onboarding`);
    expect(opened.status).toBe(201);
    expect(opened.body.onboarding).toMatchObject({ status: 'active', mode: 'PAYMENT_LINK' });
    expect(opened.body.onboarding.session_id).not.toBe(before);
    const body = { mode: 'PAYMENT_LINK', allowed_payment_channels: ['CARDS'], locale: 'id' };
    expect((await api.post(`/v1/subscriptions/${id}/onboarding`, body)).status).toBe(201);
  });
});
