import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { dropKey, keepAnswer, keptAnswer, takeKey } from '../../src/infra/tables/access/idempotency-keys.ts';
import { adminKey, apiOver, fieldsOf } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

async function sent(path: string, body: unknown, key: string, secret = adminKey) {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': key };
  const answer = await api.app.inject({
    method: 'POST',
    url: path,
    headers,
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  const replayed = answer.headers['idempotent-replayed'] ?? null;
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    text: answer.body,
    body: answer.json(),
    replayed,
  };
}

const wanted = (reference: string) => ({
  reference_id: reference,
  plan: 'forgiving',
  customer: { reference_id: `customer-${reference}`, given_names: 'Siti' },
});

async function dueCharge(): Promise<{ readonly id: string; readonly path: string }> {
  const id = await world.onboard('order-1', 'forgiving');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.work();
  return { id, path: `/v1/charges/${(await world.charge(id)).id}` };
}

const why = { reason: 'the customer called' };

describe('a writing call with an Idempotency-Key', () => {
  test('is done once, and answered alike when it is sent again', async () => {
    const { id, path } = await dueCharge();
    const first = await sent(`${path}/hold`, why, 'key-1');
    expect([first.status, first.replayed, first.body.status]).toEqual([200, null, 'held']);
    const again = await sent(`${path}/hold`, why, 'key-1');
    expect(again).toEqual({ ...first, replayed: 'true' });
    expect((await world.told(id)).filter((kind) => kind === 'charge.held')).toHaveLength(1);
    // Without the key, or under another one, it is another call.
    expect((await api.post(`${path}/hold`, why)).status).toBe(409);
    expect((await sent(`${path}/hold`, why, 'key-2')).status).toBe(409);
  });

  test('answers 201 again with 201, and no second session is opened', async () => {
    const first = await sent('/v1/subscriptions', wanted('sub-1'), 'create');
    const again = await sent('/v1/subscriptions', wanted('sub-1'), 'create');
    expect([first.status, again.status, again.replayed]).toEqual([201, 201, 'true']);
    expect(again.text).toBe(first.text);
    expect(gateway.sessions.size).toBe(1);
  });

  test('is a conflict with another body, another address, and nothing is done', async () => {
    const { id, path } = await dueCharge();
    await sent(`${path}/hold`, why, 'key-1');
    const before = await world.told(id);
    for (const [address, body] of [
      [`${path}/hold`, { reason: 'another reason' }],
      [`${path}/release`, why],
      [`/v1/subscriptions/${id}/pause`, undefined],
    ] as const) {
      const other = await sent(address, body, 'key-1');
      expect([other.status, other.type, fieldsOf({ ...other, type: '' })]).toEqual([
        409,
        expect.stringContaining('application/problem+json'),
        ['idempotency-key'],
      ]);
    }
    expect(await world.told(id)).toEqual(before);
  });

  test('is answered alike also where the state did not allow it', async () => {
    const { path } = await dueCharge();
    const no = await sent(`${path}/release`, {}, 'key-1');
    expect([no.status, no.replayed]).toEqual([409, null]);
    await sent(`${path}/hold`, why, 'key-2');
    const again = await sent(`${path}/release`, {}, 'key-1');
    expect([again.status, again.replayed, again.type, again.text]).toEqual([409, 'true', no.type, no.text]);
  });

  test('is done by one of many at once, and all of them are answered alike', async () => {
    const { id, path } = await dueCharge();
    const answers = await Promise.all(Array.from({ length: 8 }, () => sent(`${path}/hold`, why, 'at-once')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1);
    expect((await world.told(id)).filter((kind) => kind === 'charge.held')).toHaveLength(1);
  });

  test('with faults is not remembered: it may be mended under the same key', async () => {
    const { path } = await dueCharge();
    expect((await sent(`${path}/hold`, { reason: 'short' }, 'key-1')).status).toBe(400);
    expect((await sent(`${path}/hold`, why, 'key-1')).status).toBe(200);
    // Neither is what only the catalog tells.
    expect((await sent('/v1/subscriptions', { ...wanted('sub-1'), plan: 'none' }, 'create')).status).toBe(400);
    expect((await sent('/v1/subscriptions', wanted('sub-1'), 'create')).status).toBe(201);
  });

  test('that ended in a fault of ours is not remembered: it may be sent again', async () => {
    const opens = vi
      .spyOn(gateway, 'openSession')
      .mockResolvedValueOnce({ kind: 'silent', detail: 'no answer in time' });
    const away = await sent('/v1/subscriptions', wanted('sub-1'), 'create');
    opens.mockRestore();
    const again = await sent('/v1/subscriptions', wanted('sub-1'), 'create');
    expect([away.status, again.status, again.replayed]).toEqual([503, 201, null]);
  });

  test('left open by a process that died is told as being at work, and taken over after two minutes', async () => {
    const { path } = await dueCharge();
    await sent(`${path}/hold`, why, 'key-1');
    await world.ask(sql`update idempotency_keys set status = null, answer = null`);
    let waited = 0;
    const monotonic = () => (waited += 1_000);
    const impatient = await apiOver({ ...ctx, monotonic });
    const headers = {
      authorization: `Bearer ${adminKey}`,
      'content-type': 'application/json',
      'idempotency-key': 'key-1',
    };
    const busy = await impatient.send('POST', `${path}/hold`, JSON.stringify(why), headers);
    expect([busy.status, busy.type]).toEqual([503, expect.stringContaining('problem+json')]);
    await world.ask(sql`update idempotency_keys set started_at = started_at - interval '3 minutes'`);
    const taken = await sent(`${path}/hold`, why, 'key-1');
    expect([taken.status, taken.replayed, taken.body.detail]).toEqual([409, null, expect.stringContaining('held')]);
  });

  test('is answered alike for a whole day', async () => {
    const { path } = await dueCharge();
    const first = await sent(`${path}/hold`, why, 'key-1');
    await world.ask(sql`update idempotency_keys set started_at = started_at - interval '23 hours'`);
    expect(await sent(`${path}/hold`, why, 'key-1')).toEqual({ ...first, replayed: 'true' });
  });

  test('that stood still while another process took it over keeps no answer, and lets go of nothing', async () => {
    const call = { caller: 'api:admin', key: 'key-1', request: 'asked' };
    const [late, newer] = [ctx.newId(0), ctx.newId(0)].map((holder) => ({ ...call, holder }));
    if (late === undefined || newer === undefined) throw new Error('There are two.');
    expect(await takeKey(ctx.db, late)).toBe(true);
    await world.ask(sql`update idempotency_keys set started_at = started_at - interval '3 minutes'`);
    expect(await takeKey(ctx.db, newer)).toBe(true);
    await keepAnswer(ctx.db, late, 200, 'too late');
    await dropKey(ctx.db, late);
    expect(await keptAnswer(ctx.db, call)).toMatchObject({ status: null, answer: null });
    await keepAnswer(ctx.db, newer, 200, 'done');
    await dropKey(ctx.db, newer);
    expect(await keptAnswer(ctx.db, call)).toMatchObject({ status: 200, answer: 'done' });
  });

  test('is another call a day later, and what is that old is deleted', async () => {
    const { path } = await dueCharge();
    await sent(`${path}/hold`, why, 'key-1');
    await sent(`${path}/hold`, why, 'key-2');
    await world.ask(sql`update idempotency_keys set started_at = started_at - interval '25 hours'`);
    expect((await sent(`${path}/release`, {}, 'key-1')).replayed).toBeNull();
    expect(await world.ask(sql`select key from idempotency_keys`)).toEqual([{ key: 'key-1' }]);
  });

  test('is the call of whoever sends it: the same key of somebody else is another one', async () => {
    const { path } = await dueCharge();
    const { secret } = await createKey(ctx, 'wayan', 'admin');
    await sent(`${path}/hold`, why, 'key-1');
    const other = await sent(`${path}/hold`, why, 'key-1', secret);
    expect([other.status, other.replayed]).toEqual([409, null]);
    expect((await sent(`${path}/hold`, why, 'key-1', 'wrong')).status).toBe(401);
  });

  test.each(['', 'x'.repeat(256)])('is refused where it is no key: %j', async (key) => {
    const { path } = await dueCharge();
    const answer = await sent(`${path}/hold`, why, key);
    expect([answer.status, fieldsOf({ ...answer, type: '' })]).toEqual([400, ['idempotency-key']]);
    expect((await sent(`${path}/hold`, why, 'x'.repeat(255))).status).toBe(200);
  });

  test('keeps what was answered sealed: it holds personal data', async () => {
    await sent('/v1/subscriptions', wanted('sub-1'), 'create');
    const [row] = await world.ask<{ answer: string }>(sql`select answer from idempotency_keys`);
    expect(row?.answer).toMatch(/^due1:/);
    expect(row?.answer).not.toContain('customer-sub-1');
  });
});
