import { describe, expect, test } from 'vitest';
import { apiOver } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);

describe('reading subscriptions', () => {
  test('an active one shows its masked method, mandate, cycle and next charge', async () => {
    const id = await world.onboard('reader');
    await world.work();
    const shown = await api.get(`/v1/subscriptions/${id}`);
    expect(shown.body).toMatchObject({
      status: 'active',
      token: { channel_code: 'CARDS', label: '400000XXXXXX1000', network: 'VISA', status: 'active' },
      mandate: { card_on_file_type: 'RECURRING', recurring_frequency: 1 },
      current_cycle: { number: 0, starts_on: '2026-01-31', ends_on: '2026-02-27' },
      next_charge_at: '2026-02-28T02:00:00Z',
    });
    expect(shown.text).not.toContain('pt-');
  });

  test('the next charges count from the anchor, as many as asked for', async () => {
    const id = await world.onboard('upcoming');
    await world.work();
    const { body, status } = await api.get(`/v1/subscriptions/${id}/upcoming?count=3`);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        ['2026-02-28', '2026-03-30', '2026-02-28T02:00:00Z'],
        ['2026-03-31', '2026-04-29', '2026-03-31T02:00:00Z'],
        ['2026-04-30', '2026-05-30', '2026-04-30T02:00:00Z'],
      ].map(([start, end, due], index) => ({
        cycle: index + 1,
        period: { start, end },
        due_at: due,
        amount: 150_000,
        currency: 'IDR',
        lines: [
          {
            kind: 'plan',
            text: 'Monthly',
            quantity: 1,
            unit_amount: 150_000,
            amount: 150_000,
            period: { start, end },
          },
        ],
        subtotal: 150_000,
        discount: 0,
        tax_included: 0,
        tax_added: 0,
        credit_used: 0,
      })),
      next_cursor: null,
    });
    expect((await api.get(`/v1/subscriptions/${id}/upcoming`)).body.data).toHaveLength(12);
    const short = await world.onboard('short', 'three');
    await world.work();
    expect((await api.get(`/v1/subscriptions/${short}/upcoming`)).body.data).toHaveLength(2);
  });

  test('a list is narrowed by status, plan and customer', async () => {
    const id = await world.onboard('narrow', 'weekly');
    const found = async (query: string) => (await api.get(`/v1/subscriptions?${query}`)).body.data;
    expect(await found('customer=customer-narrow')).toMatchObject([{ id }]);
    expect(await found('customer=cust-of-customer-narrow&status=active&plan=weekly')).toMatchObject([{ id }]);
    expect(await found('customer=customer-narrow&status=paused')).toEqual([]);
    expect(await found('customer=customer-narrow&plan=monthly')).toEqual([]);
  });

  test('a list says what it comes to, by currency and status, whatever page of it is shown', async () => {
    const who = { referenceId: 'chain', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const ids = [
      await world.onboard('chain-1', 'monthly', { customer: who }),
      await world.onboard('chain-2', 'weekly', { customer: who }),
      await world.onboard('chain-3', 'manila', {}, { country: 'PH', currency: 'PHP' }),
      await world.create('chain-4', 'monthly', { customer: who }),
    ];
    const views = await Promise.all(ids.map(async (id) => (await api.get(`/v1/subscriptions/${id}`)).body));
    const [monthly, weekly, manila] = views.map(({ price }) => price.amount as number);
    const totals = async (query: string) => (await api.get(`/v1/subscriptions?${query}`)).body.totals;
    const line = (status: string, count: number, amount: number, currency = 'IDR') => {
      return { currency, status, count, amount };
    };
    const all = [line('active', 2, (monthly ?? 0) + (weekly ?? 0)), line('pending', 1, monthly ?? 0)];
    expect(await totals('customer=chain')).toEqual(all);
    const { body } = await api.get('/v1/subscriptions?customer=chain&limit=1');
    expect([body.data.length, body.totals]).toEqual([1, all]);
    expect(await totals(`customer=chain&limit=1&cursor=${body.next_cursor}`)).toEqual(all);
    expect(await totals('customer=chain&status=pending')).toEqual([line('pending', 1, monthly ?? 0)]);
    expect(await totals('customer=chain&plan=weekly')).toEqual([line('active', 1, weekly ?? 0)]);
    expect(await totals('reference_id=chain-3')).toEqual([line('active', 1, manila ?? 0, 'PHP')]);
    expect([manila, await totals('customer=nobody')]).toEqual([499.5, []]);
  });

  test('each of a list shows its own session, and its own next charge', async () => {
    const named = { referenceId: 'three', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    await world.work();
    world.gateway.script(declined('INSUFFICIENT_BALANCE'));
    const ids = [await world.onboard('three-1', 'monthly', { customer: named })];
    await world.work();
    ids.push(await world.onboard('three-2', 'weekly', { customer: named }));
    ids.push(await world.create('three-3', 'monthly', { customer: named }));
    await api.post(`/v1/subscriptions/${ids[2]}/onboarding`);
    const alone = await Promise.all(ids.map(async (id) => (await api.get(`/v1/subscriptions/${id}`)).body));
    const { data } = (await api.get('/v1/subscriptions?customer=three')).body;
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect(data.toSorted(byId)).toEqual(alone.toSorted(byId));
    expect(new Set(alone.map((one) => one.onboarding.session_id)).size).toBe(3);
    const [retry] = (await api.get(`/v1/charges?subscription=${ids[0]}`)).body.data;
    expect(alone.map((one) => one.next_charge_at)).toEqual([retry.next_attempt_at, '2026-01-31T02:00:00Z', null]);
    expect(retry.next_attempt_at).not.toBeNull();
  });

  test('pages follow each other, newest first, with nothing twice and nothing left out', async () => {
    for (const n of [1, 2, 3, 4, 5]) await world.create(`page-${n}`, 'forgiving');
    const seen: string[] = [];
    let next = '';
    do {
      const { body } = await api.get(`/v1/subscriptions?plan=forgiving&limit=2${next && `&cursor=${next}`}`);
      seen.push(...body.data.map((one: { reference_id: string }) => one.reference_id));
      next = body.next_cursor ?? '';
    } while (next !== '');
    expect([...seen].sort()).toEqual(['page-1', 'page-2', 'page-3', 'page-4', 'page-5']);
  });
});
