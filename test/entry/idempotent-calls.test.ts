import { beforeEach, describe, expect, test } from 'vitest';
import { calls } from '../../src/entry/http/calls.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { DISPUTE, disputingIn } from '../support/disputing.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

/* Each call that writes takes an Idempotency-Key: sent twice it is done once, and answered alike. A call that is new has a line here, or is told. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
const { raises, tells } = disputingIn(world);
beforeEach(() => world.startOver(START));

const reason = 'the customer called us';
const item = { text: 'Late seat', amount: 5_000 };

/** What is sent with each call, and with how many it is answered; the rest is refused by the state, alike as well. */
const writing: Readonly<Record<string, readonly [status: number, body?: unknown]>> = {
  'POST /v1/subscriptions': [
    201,
    { reference_id: 'sub-9', plan: 'forgiving', customer: { reference_id: 'customer-9', given_names: 'Siti' } },
  ],
  'POST /v1/subscriptions/:id/change/preview': [200, { quantity: 2 }],
  'POST /v1/subscriptions/:id/change': [200, { quantity: 2 }],
  'DELETE /v1/subscriptions/:id/change': [409],
  'POST /v1/subscriptions/:id/cancel': [200, { at: 'period_end' }],
  'DELETE /v1/subscriptions/:id/cancel': [409],
  'POST /v1/subscriptions/:id/pause': [200, { reason }],
  'POST /v1/subscriptions/:id/resume': [409, {}],
  'POST /v1/subscriptions/:id/grace': [200, { until: '2026-02-15', reason }],
  'POST /v1/subscriptions/:id/onboarding': [201, {}],
  'POST /v1/subscriptions/:id/consents': [201, { what: 'extra', answer: 'given', evidence: 'checkout 4711' }],
  'POST /v1/subscriptions/:id/notices': [
    201,
    { kind: 'price_change', subject: String(ctx.catalog.current.version), sent_at: START, channel: 'email' },
  ],
  'POST /v1/subscriptions/:id/payments': [
    201,
    { amount: 150_000, currency: 'IDR', received_on: '2026-01-31', evidence: 'bank statement 4711', reason },
  ],
  'PATCH /v1/subscriptions/:id/methods/:method': [200, { rank: 1 }],
  'DELETE /v1/subscriptions/:id/methods/:method': [409],
  'POST /v1/subscriptions/:id/items': [201, item],
  'DELETE /v1/subscriptions/:id/items/:item': [200],
  'POST /v1/charges/:id/pay-link': [201, {}],
  'POST /v1/charges/:id/retry': [200, {}],
  'POST /v1/charges/:id/void': [200, { reason }],
  'POST /v1/charges/:id/hold': [200, { reason }],
  'POST /v1/charges/:id/release': [409, { reason }],
  'POST /v1/charges/:id/write-off': [200, { reason }],
  'POST /v1/charges/:id/forgive': [200, { reason }],
  'POST /v1/charges/:id/refund': [409, { reason: 'OTHERS', note: reason }],
  'POST /v1/refunds/:id/approve': [200, {}],
  'POST /v1/refunds/:id/withdraw': [200, { reason }],
  'POST /v1/disputes/:id/release': [200, { reason }],
  'POST /v1/catalog/diff': [200, plainCatalog],
  'POST /v1/catalog/apply': [409, { catalog: `${plainCatalog}\n# another`, digest: 'f'.repeat(64) }],
  'POST /v1/test-clock': [409, { now: '2026-02-01T02:00:00Z' }],
};

/** A subscription with a line that waits and a charge that was declined. */
async function prepared(): Promise<{
  readonly subscription: string;
  readonly names: Readonly<Record<string, string>>;
}> {
  const id = await world.onboard('order-1', 'forgiving');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.work();
  const added = await api.post(`/v1/subscriptions/${id}/items`, item);
  const methods = await api.get(`/v1/subscriptions/${id}/methods`);
  const charge = await world.charge(id);
  return { subscription: id, names: { charge: charge.id, item: added.body.id, method: methods.body.data[0].id } };
}

/** A refund that Xendit does not take for want of balance, of a cycle that is paid. */
async function refundOf(subscription: string): Promise<string> {
  await world.liveUntil('2026-02-04T02:00:00Z');
  const paid = (await world.charges(subscription)).find(({ status }) => status === 'paid');
  const asked = await api.post(`/v1/charges/${paid?.id}/refund`, { reason: 'OTHERS', note: reason });
  const message = '';
  gateway.refundSays({ kind: 'refused', status: 400, code: 'INSUFFICIENT_BALANCE', message, retryAfterSeconds: null });
  await world.work();
  return asked.body.id;
}

async function disputeOf(subscription: string): Promise<string> {
  await world.liveUntil('2026-02-04T02:00:00Z');
  const paid = (await world.charges(subscription)).find(({ status }) => status === 'paid');
  await raises(paid?.attempts.find(({ outcome }) => outcome === 'succeeded')?.payment_id ?? '');
  await tells();
  return DISPUTE;
}

async function sent(call: string, body: unknown, key: string) {
  const [method = '', url = ''] = call.split(' ');
  const isText = typeof body === 'string';
  const answer = await api.app.inject({
    method: method as 'POST',
    url,
    headers: {
      authorization: `Bearer ${adminKey}`,
      'idempotency-key': key,
      ...(body === undefined ? {} : { 'content-type': isText ? 'application/yaml' : 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: isText ? body : JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    replayed: answer.headers['idempotent-replayed'] ?? null,
    text: answer.body,
  };
}

test('all calls that write are here', () => {
  const all = Object.keys(calls).filter((call) => /^(POST|PATCH|PUT|DELETE) \/v1\//.test(call));
  expect(Object.keys(writing).toSorted()).toEqual(all.toSorted());
});

describe('a call that writes, sent again under its key', () => {
  test.each(Object.entries(writing))('%s', async (call, [status, body]) => {
    const { subscription, names } = await prepared();
    const of = call.includes('/refunds/')
      ? await refundOf(subscription)
      : call.includes('/disputes/')
        ? await disputeOf(subscription)
        : call.includes('/charges/')
          ? (names.charge ?? '')
          : subscription;
    const named = call
      .replace(':id', of)
      .replace(':item', names.item ?? '')
      .replace(':method', names.method ?? '');
    const first = await sent(named, body, 'key-1');
    expect([first.status, first.replayed]).toEqual([status, null]);
    const before = await world.told(subscription);
    const again = await sent(named, body, 'key-1');
    expect(again).toEqual({ ...first, replayed: 'true' });
    expect(await world.told(subscription)).toEqual(before);
    const other = await sent(`POST /v1/subscriptions/${subscription}/items`, { ...item, amount: 7_000 }, 'key-1');
    expect([other.status, other.text]).toEqual([409, expect.stringContaining('idempotency-key')]);
  });
});
