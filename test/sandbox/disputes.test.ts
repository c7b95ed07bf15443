import { expect, test } from 'vitest';
import { readNotice } from '../../src/infra/gateway/xendit/webhooks.ts';
import { chargeBody, openMerchant, openStand, type Stand, saveMethod } from './stand.ts';

const WALLET = { success_return_url: 'https://shop.test/ok', failure_return_url: 'https://shop.test/no' };

async function paid(stand: Stand, how: object = {}, changes: object = {}): Promise<string> {
  const token = await saveMethod(stand, how);
  await stand.post('/v3/payment_requests', { ...chargeBody(token), ...changes });
  return (await stand.get('/_sandbox/payments')).body.data.at(-1).payment_id;
}

const collected = async (stand: Stand) => (await stand.get('/_sandbox/ledger')).body.collected;
const raised = (payment_id: string, more: object = {}) => ({
  scenario: 'CREATE_DISPUTE',
  payment_id,
  amount: '100000',
  currency: 'IDR',
  product_type: 'CARDS',
  channel_code: 'CARDS',
  ...more,
});

test('a dispute of a card takes its sum at once, gives it back when it is won, and is told beside its event', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const made = await stand.post('/v1/disputes/simulate', raised(await paid(stand)));
  expect(made).toMatchObject({
    status: 200,
    body: { status: 'ACTION_REQUIRED', amount: { initial: '100000.00', terminal: null } },
  });
  expect(await collected(stand)).toEqual({ IDR: 50_000 });
  const { id } = made.body;
  const won = await stand.post('/v1/disputes/simulate', { scenario: 'DISPUTE_WON', dispute_id: id });
  expect(won.body).toMatchObject({ status: 'WON', amount: { initial: '100000.00', terminal: '0.00' } });
  expect(await collected(stand)).toEqual({ IDR: 150_000 });
  await stand.pass(1);
  const told = merchant.received.map(({ body }) => body).filter(({ event }) => event.startsWith('dispute.'));
  expect(told).toMatchObject([
    { event: 'dispute.action_required', id },
    { event: 'dispute.won', id },
  ]);
  expect(told[0]).not.toHaveProperty('data');
  expect(readNotice(told[0])).toMatchObject({
    kind: 'dispute',
    dispute: { disputeId: id, amount: { minor: 100_000n } },
  });
  expect((await stand.post('/v1/disputes/simulate', { scenario: 'DISPUTE_LOST', dispute_id: id })).status).toBe(400);
});

test('what nobody answers in seven days is lost, and is warned of a day before', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const { dispute_id: id } = (await stand.post('/_sandbox/disputes', { payment_id: await paid(stand) })).body;
  await stand.pass(6 * 86_400);
  expect(merchant.received.at(-1)?.body.event).toBe('dispute.due_date_approaching');
  await stand.pass(86_400);
  expect((await stand.get(`/v1/disputes/${id}`)).body).toMatchObject({
    status: 'LOST',
    status_reason: 'EXCEEDED_DEADLINE',
  });
  expect(await collected(stand)).toEqual({ IDR: 0 });
});

test('one of a wallet takes nothing until it is lost, and may come to less in the end', async () => {
  const stand = await openStand();
  const payment_id = await paid(stand, { channel_code: 'OVO' }, { channel_properties: WALLET });
  const { dispute_id: id } = (await stand.post('/_sandbox/disputes', { payment_id })).body;
  expect(await collected(stand)).toEqual({ IDR: 150_000 });
  await stand.post(`/_sandbox/disputes/${id}`, { status: 'UNDER_REVIEW' });
  await stand.post(`/_sandbox/disputes/${id}`, { status: 'LOST', terminal: 60_000 });
  expect(await collected(stand)).toEqual({ IDR: 90_000 });
});

test('they are listed page by page, and narrowed as it is documented', async () => {
  const stand = await openStand();
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1)
    ids.push((await stand.post('/_sandbox/disputes', { payment_id: await paid(stand) })).body.dispute_id);
  const first = (await stand.get('/v1/disputes?limit=2')).body;
  expect(first.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  const rest = (await stand.get(`/v1/disputes?limit=2&cursor=${first.pagination.next_cursor}`)).body;
  expect(rest).toMatchObject({ data: [{ id: ids[2] }], pagination: { next_cursor: null } });
  expect((await stand.get(`/v1/disputes?payment_id=${rest.data[0].payment_id}`)).body.data).toHaveLength(1);
  expect((await stand.get('/v1/disputes?status=WON')).body.data).toEqual([]);
  expect((await stand.get('/v1/disputes?limit=101')).status).toBe(400);
});

test('its page plays the bank', async () => {
  const stand = await openStand();
  const payment = await paid(stand);
  const form = (path: string, body: string) =>
    fetch(`${stand.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  expect((await form(`/disputes/of/${payment}`, '')).status).toBe(303);
  const page = await (await fetch(`${stand.url}/disputes`)).text();
  expect(page).toContain('ACTION_REQUIRED');
  const [, id = ''] = /action="\/disputes\/(mi-dspt-[\w-]+)"/.exec(page) ?? [];
  await form(`/disputes/${id}`, 'action=review');
  await form(`/disputes/${id}`, 'action=lost');
  expect((await stand.get(`/v1/disputes/${id}`)).body.status).toBe('LOST');
});
