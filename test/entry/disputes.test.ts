import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { apiOver } from '../support/api.ts';
import { DISPUTE, disputingIn } from '../support/disputing.ts';
import { type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-03-02T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx } = world;
const api = await apiOver(ctx);
const { paid, raises, becomes, tells } = disputingIn(world);
let ana: string;
let rina: Reader;
beforeEach(async () => {
  await world.startOver(start);
  ana = (await createKey(ctx, 'ana', 'finance')).secret;
  rina = await signedIn(api.app, ctx, 'rina', 'finance');
});

async function disputed(name = 'sub-1', id = DISPUTE, days = 7) {
  const made = await paid(name);
  await raises(made.paymentId, { disputeId: id, answerBy: world.now().add({ hours: 24 * days }) });
  await tells(id);
  return made;
}

describe('disputes by the API', () => {
  test('are answered whole, and released with a reason, once', async () => {
    const { subscription, charge, paymentId } = await disputed();
    const shown = await api.get(`/v1/disputes/${DISPUTE}`, ana);
    expect(shown.body).toEqual({
      answer_by: '2026-03-09T02:00:00Z',
      id: DISPUTE,
      state: 'action_required',
      charge_id: charge,
      subscription_id: subscription,
      amount: 150_000,
      currency: 'IDR',
      held: 150_000,
      channel_code: 'CARDS',
      reason: null,
      category: 'fraud',
      payment_id: paymentId,
      opened_at: start,
      closed_at: null,
      decided_by: null,
      decided_at: null,
    });
    const reason = 'the customer takes it back';
    expect((await api.post(`/v1/disputes/${DISPUTE}/release`, {}, ana)).status).toBe(400);
    expect((await api.post('/v1/disputes/mi-dspt-none/release', { reason }, ana)).status).toBe(404);
    const released = await api.post(`/v1/disputes/${DISPUTE}/release`, { reason }, ana);
    expect(released.body).toMatchObject({ decided_by: 'api:finance:ana', decided_at: start });
    expect((await api.post(`/v1/disputes/${DISPUTE}/release`, { reason }, ana)).status).toBe(409);
  });

  test('are listed by when they have to be answered, what is over last, page by page', async () => {
    await disputed('sub-1', 'mi-dspt-later', 7);
    await disputed('sub-2', 'mi-dspt-sooner', 3);
    await disputed('sub-3', 'mi-dspt-over', 1);
    becomes('lost', {}, 'mi-dspt-over');
    await tells('mi-dspt-over');
    const first = (await api.get('/v1/disputes?limit=2', ana)).body;
    expect(first.data.map(({ id }: { id: string }) => id)).toEqual(['mi-dspt-sooner', 'mi-dspt-later']);
    const rest = (await api.get(`/v1/disputes?limit=2&cursor=${first.next_cursor}`, ana)).body;
    expect(rest).toMatchObject({ data: [{ id: 'mi-dspt-over', state: 'lost' }], next_cursor: null });
    expect((await api.get('/v1/disputes?state=lost', ana)).body.data).toHaveLength(1);
    expect((await api.get('/v1/disputes?cursor=bm9uZQ', ana)).status).toBe(400);
  });
});

describe('disputes on pages', () => {
  test('are listed, shown, in the queue with what comes if nobody acts, and released there', async () => {
    const { charge } = await disputed();
    const list = seen((await rina.get('/disputes')).text);
    expect(list).toContain('To be answered');
    expect(list).toContain('IDR 150,000');
    const queue = seen((await rina.get('/queue?kind=disputed')).text);
    expect(queue).toContain('Disputed payment: sub-1, cycle 0');
    expect(queue).toContain(
      'he dispute is lost, and the bank keeps the money. Nothing is charged to this customer until somebody decides.',
    );
    expect((await rina.get('/queue')).text).toContain(`href="/disputes/${DISPUTE}/release?`);
    const page = (await rina.get(`/disputes/${DISPUTE}`)).text;
    expect(seen(page)).toContain('1 subscription is stopped');
    expect(page).toContain(`href="/disputes/${DISPUTE}/release"`);
    expect(seen((await rina.get(`/charges/${charge}`)).text)).toContain('The bank took the money back');
    const [one] = await world.ask<{ id: string }>(
      sql`select subscription_id as id from charges where id = ${charge}::uuid`,
    );
    const subscription = async () => seen((await rina.get(`/subscriptions/${one?.id}`)).text);
    expect(await subscription()).toContain('nothing is charged until somebody lets it go on');
    const reason = 'the customer called and takes it back';
    const done = await rina.send(`/disputes/${DISPUTE}/release`, `/disputes/${DISPUTE}/release`, { reason });
    expect(done.status).toBe(303);
    expect(await subscription()).toContain('The next charge is planned for');
    expect((await rina.get(`/disputes/${DISPUTE}`)).text).not.toContain('/release"');
    expect(seen((await rina.get('/disputes?state=won')).text)).toContain('No dispute is in this state.');
  });

  test('are nowhere where there are none', async () => {
    expect(seen((await rina.get('/disputes')).text)).toContain('No payment is or was disputed.');
    expect((await rina.get('/disputes/mi-dspt-none')).status).toBe(404);
  });
});
