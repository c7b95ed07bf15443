import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { adminKey, apiOver, fieldsOf } from '../support/api.ts';
import { unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const headers = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` };
const card = (name: string) => ({ tokenId: `pt-${name}`, label: name, fingerprint: name });
const asBefore = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };

async function twoCards(reference: string): Promise<string> {
  const id = await world.onboard(reference, 'monthly', {}, card(`old-${reference}`));
  await replaceMethod(world.ctx, id, asBefore);
  await world.saveMethod(id, card(`new-${reference}`));
  return `/v1/subscriptions/${id}`;
}

type Listed = { readonly data: readonly { readonly id: string; readonly label: string; readonly rank: number }[] };
const listed = async (address: string) => ((await api.get(`${address}/methods`)).body as Listed).data;
const ranked = async (address: string) => (await listed(address)).map(({ rank, label }) => `${rank} ${label}`);
const rank = async (address: string, id: string, body: object) =>
  await api.send('PATCH', `${address}/methods/${id}`, JSON.stringify(body), headers);

describe('the methods of a subscription', () => {
  test('are listed in their order, and another one is charged once it ranks first', async () => {
    const address = await twoCards('a');
    expect(await ranked(address)).toEqual(['1 new-a', '2 old-a']);
    const [, old] = await listed(address);
    expect((await rank(address, old?.id ?? '', { rank: 1 })).status).toBe(200);
    expect(await ranked(address)).toEqual(['1 old-a', '2 new-a']);
    await world.work();
    expect(world.gateway.sent.at(-1)?.tokenId).toBe('pt-old-a');
  });

  test('are shown with their subscription, and that of one from before there were ranks too', async () => {
    const address = await twoCards('shown');
    const shown = async () => (await api.get(address)).body.methods;
    const [first, second] = await listed(address);
    const card = { channel_code: 'CARDS', status: 'active' };
    const inUse = { id: first?.id, rank: 1, label: 'new-shown', ...card };
    expect(await shown()).toEqual([inUse, { id: second?.id, rank: 2, label: 'old-shown', ...card }]);
    await world.ask(sql`delete from subscription_methods where subscription_id = ${address.split('/').at(-1)}::uuid`);
    expect(await shown()).toEqual([inUse]);
    const { body } = await api.get('/v1/subscriptions?customer=customer-shown');
    expect(body.data[0].methods).toEqual([inUse]);
  });

  test('leave one by one, but for the last one of a subscription that goes on', async () => {
    const address = await twoCards('b');
    const [first, second] = await listed(address);
    expect((await api.delete(`${address}/methods/${first?.id}`)).status).toBe(200);
    expect(await ranked(address)).toEqual(['1 old-b']);
    const last = await api.delete(`${address}/methods/${second?.id}`);
    expect([last.status, last.text]).toEqual([409, expect.stringContaining('save another one first')]);
    expect((await api.delete(`${address}/methods/${first?.id}`)).status).toBe(404);
  });

  test('stay while an attempt over one is not settled', async () => {
    await world.work();
    const address = await twoCards('c');
    world.gateway.script(unknown());
    await world.work();
    const [first] = await listed(address);
    const answer = await api.delete(`${address}/methods/${first?.id}`);
    expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('not settled yet')]);
  });

  test('are charged for another subscription too that asks for one of them, which needs no link', async () => {
    const address = await twoCards('shared');
    const [first] = await listed(address);
    const wanted = (reference: string, onboarding: object, plan = 'monthly') => ({
      reference_id: reference,
      plan,
      customer: { reference_id: 'customer-shared', given_names: 'Siti' },
      onboarding,
    });
    const second = wanted('shared-2', { use_method: first?.id });
    const made = await api.post('/v1/subscriptions', second);
    expect([made.status, made.body.status, made.body.onboarding]).toEqual([201, 'active', null]);
    expect(made.body.methods).toMatchObject([{ rank: 1, label: 'new-shared', status: 'active' }]);
    expect((await api.post('/v1/subscriptions', second)).status).toBe(200);
    const unfit = await api.post('/v1/subscriptions', wanted('shared-3', { use_method: first?.id }, 'manila'));
    expect([unfit.status, fieldsOf(unfit)]).toEqual([409, ['onboarding.use_method']]);
    const unknown = await api.post('/v1/subscriptions', wanted('shared-4', { use_method: crypto.randomUUID() }));
    expect([unknown.status, fieldsOf(unknown)]).toEqual([400, ['onboarding.use_method']]);
    for (const [field, value] of [
      ['use_method', 'pt-new-shared'],
      ['expires_in', '2 hours'],
      ['mode', 'PAYMENT_LINK'],
    ] as const) {
      const answer = await api.post('/v1/subscriptions', wanted('shared-5', { use_method: first?.id, [field]: value }));
      expect([answer.status, fieldsOf(answer)]).toEqual([400, [`onboarding.${field}`]]);
    }
    expect((await api.post(`${address}/onboarding`, { use_method: first?.id })).status).toBe(400);
  });

  test('are refused a rank that is none, by its name', async () => {
    const address = await twoCards('d');
    const [first] = await listed(address);
    for (const bad of [{ rank: 0 }, { rank: '1' }, {}]) {
      const answer = await rank(address, first?.id ?? '', bad);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['rank']]);
    }
  });
});
