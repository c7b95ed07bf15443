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

  test('are refused a rank that is none, by its name', async () => {
    const address = await twoCards('d');
    const [first] = await listed(address);
    for (const bad of [{ rank: 0 }, { rank: '1' }, {}]) {
      const answer = await rank(address, first?.id ?? '', bad);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['rank']]);
    }
  });
});
