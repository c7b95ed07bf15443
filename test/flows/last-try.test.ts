import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { onboardingsOf } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { createInput } from '../support/create-input.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const TOKEN = 'pt-failed-1';

/** A customer tries to save a card in the session of their subscription, and the gateway tells of it so. */
async function tried(named: { reference?: (id: string) => string | null; customer?: (id: string) => string }) {
  const id = await world.create('order-1');
  const [session] = await onboardingsOf(ctx.db, bucketOf(id), id);
  const referenceId = named.reference?.(id) ?? null;
  const customerId = named.customer?.(session?.xenditCustomerId ?? '') ?? null;
  gateway.knows({ tokenId: TOKEN, status: 'failed', failureCode: 'CARD_DECLINED', referenceId, customerId });
  await world.receives({
    event: 'payment_token.failure',
    data: { payment_token_id: TOKEN, status: 'FAILED', reference_id: referenceId, customer_id: customerId },
  });
  await world.work();
  return id;
}

const fates = async () => await world.ask<{ status: string; note: string | null }>(sql`select status, note from inbox`);
const LAST = { failure_code: 'CARD_DECLINED', at: start };

describe('a try to save a method that fails', () => {
  test('is shown with its session, which stays open: by the reference that Xendit appends to', async () => {
    const id = await tried({ reference: (one) => `due_${one}_s1_A1b2C3d4E5` });
    expect((await world.subscription(id)).onboarding).toMatchObject({ status: 'active', last_try: LAST });
    await world.saveMethod(id);
    expect(await world.subscription(id)).toMatchObject({ status: 'active', onboarding: { status: 'completed' } });
  });

  test('or by its customer, where the reference says nothing', async () => {
    const id = await tried({ reference: () => 'tokenize_card_user456', customer: (one) => one });
    expect((await world.subscription(id)).onboarding).toMatchObject({ last_try: LAST });
  });

  test('is shown with nobody else whose rows lie beside those of that customer', async () => {
    const beside = { ...ctx, newBucket: () => 7 };
    const ids = [];
    for (const [name, at] of [
      ['order-1', start],
      ['order-2', '2026-01-31T02:00:10Z'],
    ] as const) {
      world.moveTo(at);
      const made = await createSubscription(beside, createInput(name, 'monthly'));
      ids.push(made.kind === 'created' ? made.dossier.subscription.id : '');
    }
    const [mine = '', other = ''] = ids;
    const [session] = await onboardingsOf(ctx.db, 7, mine);
    const customerId = session?.xenditCustomerId ?? '';
    gateway.knows({ tokenId: TOKEN, status: 'failed', failureCode: 'CARD_DECLINED', customerId });
    const data = { payment_token_id: TOKEN, status: 'FAILED', customer_id: customerId };
    await world.receives({ event: 'payment_token.failure', data });
    await world.work();
    expect((await world.subscription(mine)).onboarding).toMatchObject({ last_try: { failure_code: 'CARD_DECLINED' } });
    expect((await world.subscription(other)).onboarding).not.toHaveProperty('last_try');
  });

  test('of another session of the account is stored, and has no effect', async () => {
    const id = await tried({ reference: () => 'tokenize_card_user456', customer: () => 'cust-of-somebody' });
    expect((await world.subscription(id)).onboarding).not.toHaveProperty('last_try');
    expect(await fates()).toEqual([{ status: 'ignored', note: 'the payment token is none of ours' }]);
  });

  test('is not believed of a webhook alone', async () => {
    const id = await world.create('order-1');
    gateway.knows({ tokenId: TOKEN, status: 'active', referenceId: `due_${id}_s1` });
    const data = { payment_token_id: TOKEN, status: 'FAILED', reference_id: `due_${id}_s1` };
    await world.receives({ event: 'payment_token.failure', data });
    await world.work();
    expect((await world.subscription(id)).onboarding).not.toHaveProperty('last_try');
  });

  test('is not believed where Xendit knows the payment token in another session', async () => {
    const id = await world.create('order-1');
    const other = await world.create('order-2');
    gateway.knows({ tokenId: TOKEN, status: 'failed', referenceId: `due_${other}_s1`, failureCode: 'CARD_DECLINED' });
    const data = { payment_token_id: TOKEN, status: 'FAILED', reference_id: `due_${id}_s1` };
    await world.receives({ event: 'payment_token.failure', data });
    await world.work();
    for (const one of [id, other]) expect((await world.subscription(one)).onboarding).not.toHaveProperty('last_try');
    expect(await fates()).toMatchObject([{ status: 'mismatched' }]);
  });

  test('says nothing of a session that is over', async () => {
    const id = await world.onboard('order-1');
    gateway.knows({ tokenId: TOKEN, status: 'failed', referenceId: `due_${id}_s1`, failureCode: 'CARD_DECLINED' });
    const data = { payment_token_id: TOKEN, status: 'FAILED', reference_id: `due_${id}_s1` };
    await world.receives({ event: 'payment_token.failure', data });
    await world.work();
    expect((await world.subscription(id)).onboarding).not.toHaveProperty('last_try');
  });
});

test('what belongs to other sessions, plans and payments of the account is stored, and nobody is alarmed', async () => {
  const id = await world.onboard('order-1');
  await world.work();
  const before = JSON.stringify([await world.subscription(id), await world.charges(id)]);
  const lines = world.logged.length;
  const foreign = [
    { event: 'payment_session.completed', data: { payment_session_id: 'ps-other', status: 'COMPLETED' } },
    { event: 'payment_session.expired', data: { payment_session_id: 'ps-other', status: 'EXPIRED' } },
    { event: 'recurring.plan.activated', data: { id: 'repl_1', status: 'ACTIVE' } },
    { event: 'recurring.cycle.succeeded', data: { id: 'recy_1', plan_id: 'repl_1', status: 'SUCCEEDED' } },
    {
      event: 'payment.capture',
      data: {
        payment_id: 'py-1',
        payment_request_id: 'pr-1',
        reference_id: 'order-4711',
        status: 'SUCCEEDED',
        currency: 'IDR',
        request_amount: 150_000,
      },
    },
    {
      event: 'payment_request.expiry',
      data: { payment_request_id: 'pr-1', reference_id: 'order-4711', status: 'EXPIRED' },
    },
    { event: 'payment_token.failure', data: { payment_token_id: 'pt-other', status: 'FAILED' } },
  ];
  for (const body of foreign) expect(await world.receives(body)).toBe('new');
  await world.work();
  expect((await fates()).map(({ status }) => status)).toEqual(foreign.map(() => 'ignored'));
  expect(JSON.stringify([await world.subscription(id), await world.charges(id)])).toBe(before);
  expect(world.logged.slice(lines).filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
});
