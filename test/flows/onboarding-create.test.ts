import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import type { Answer, Session } from '../../src/infra/gateway/gateway.ts';
import { answering } from '../support/answering.ts';
import { createInput } from '../support/create-input.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const stored = async () => {
  const [row] = await world.ask(sql`select (select count(*)::int from subscriptions) as subscriptions,
    (select count(*)::int from customers) as customers, (select count(*)::int from names) as names,
    (select count(*)::int from onboardings) as onboardings, (select count(*)::int from ledger) as entries`);
  return row;
};
const nothing = { subscriptions: 0, customers: 0, names: 0, onboardings: 0, entries: 0 };

function refusing(status: number, code: string): Answer<Session> {
  return { kind: 'refused', status, code, message: 'as scripted', retryAfterSeconds: null };
}

describe('creating a subscription', () => {
  test('stores subscription, customer, session and ledger entry together, and hands out the link', async () => {
    const id = await world.create('order-1');
    expect(await world.subscription(id)).toMatchObject({
      reference_id: 'order-1',
      status: 'pending',
      price: { amount: 150_000, currency: 'IDR' },
      customer: { reference_id: 'customer-order-1', xendit_customer_id: 'cust-of-customer-order-1' },
      onboarding: { status: 'active', payment_link_url: expect.stringContaining('https://pay.example/') },
      token: null,
      next_charge_at: null,
    });
    expect(await world.told(id)).toEqual(['subscription.created']);
    expect(await stored()).toEqual({ subscriptions: 1, customers: 1, names: 3, onboardings: 1, entries: 1 });
  });

  test.each([
    ['a field is bad', refusing(400, 'API_VALIDATION_ERROR'), 'refused'],
    ['the key is bad', refusing(401, 'INVALID_API_KEY'), 'unavailable'],
    ['it is too busy', refusing(429, 'RATE_LIMIT_EXCEEDED'), 'unavailable'],
    ['it is down', { kind: 'silent', detail: 'cut' } as const, 'unavailable'],
  ])('leaves nothing behind when Xendit says that %s, and may be sent again', async (_, answer, kind) => {
    const refused = answering(ctx, { openSession: async () => answer });
    expect(await createSubscription(refused, createInput('order-1'))).toMatchObject({ kind });
    expect(await stored()).toEqual(nothing);
    expect(await createSubscription(ctx, createInput('order-1'))).toMatchObject({ kind: 'created' });
  });

  test('an unknown plan and an anchor in the past are named, each with its field', async () => {
    const plan = await createSubscription(ctx, createInput('order-1', 'gold'));
    expect(plan).toMatchObject({ kind: 'invalid', faults: [{ field: 'plan' }] });
    const past = createInput('order-1', 'monthly', { anchorDate: Temporal.PlainDate.from('2026-01-30') });
    expect(await createSubscription(ctx, past)).toMatchObject({ kind: 'invalid', faults: [{ field: 'anchor_date' }] });
    const both = await createSubscription(ctx, { ...past, plan: 'gold' });
    expect(both).toMatchObject({ kind: 'invalid', faults: [{ field: 'plan' }, { field: 'anchor_date' }] });
    expect(await stored()).toEqual(nothing);
  });

  test('an anchor is taken up to one interval ahead, or to the end of a trial; years ahead nothing would be paid', async () => {
    const asked = (plan: string, day: string) => {
      const named = createInput(`${plan}-${day}`, plan, { anchorDate: Temporal.PlainDate.from(day) });
      return createSubscription(ctx, named);
    };
    expect(await asked('monthly', '2026-02-28')).toMatchObject({ kind: 'created' });
    expect(await asked('trial', '2026-02-28')).toMatchObject({ kind: 'created' });
    for (const [plan, day] of [
      ['monthly', '2026-03-01'],
      ['monthly', '2100-01-01'],
      ['weekly', '2026-02-08'],
    ] as const)
      expect(await asked(plan, day)).toMatchObject({
        kind: 'invalid',
        faults: [{ field: 'anchor_date', message: expect.stringMatching(/^Must be 2026-02-\d\d or earlier/) }],
      });
  });

  test('the customer reads on the page what they agree to: price, interval and end', async () => {
    const read: string[] = [];
    const openSession: typeof gateway.openSession = async (request) => {
      read.push(request.description);
      return await gateway.openSession(request);
    };
    const daemon = answering(ctx, { openSession });
    await createSubscription(daemon, createInput('order-1', 'trial'));
    await createSubscription(daemon, createInput('order-2', 'three'));
    expect(read).toEqual([
      'With a trial: 14 days free, then IDR 99,000 a month, until you cancel',
      'Three months: IDR 50,000 a month, 3 times in all',
    ]);
  });

  test('the same reference with the same body is the same subscription; with another body it is taken', async () => {
    const id = await world.create('order-1');
    const again = await createSubscription(ctx, createInput('order-1'));
    expect(again).toMatchObject({ kind: 'known', dossier: { subscription: { id } } });
    expect(await createSubscription(ctx, createInput('order-1', 'weekly'))).toMatchObject({ kind: 'taken' });
    expect(await stored()).toMatchObject({ subscriptions: 1, onboardings: 1 });
  });

  test('eight at once are one subscription, and the sessions of the others are closed at Xendit', async () => {
    const daemons = [ctx, world.another()];
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, n) => createSubscription(daemons[n % 2] ?? ctx, createInput('order-1'))),
    );
    const ids = new Set(made.map((one) => ('dossier' in one ? one.dossier.subscription.id : one.kind)));
    expect(ids.size).toBe(1);
    expect(made.filter((one) => one.kind === 'created')).toHaveLength(1);
    expect(await stored()).toEqual({ subscriptions: 1, customers: 1, names: 3, onboardings: 1, entries: 1 });
    const [id = ''] = ids;
    const open = [...gateway.sessions.values()].filter((one) => one.status === 'active');
    expect(open.map((session) => session.sessionId)).toEqual([(await world.subscription(id)).onboarding?.session_id]);
  });

  test('two subscriptions of one customer share the customer and its bucket', async () => {
    const customer = { referenceId: 'siti', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const [first, second] = [
      await world.create('a', 'monthly', { customer }),
      await world.create('b', 'weekly', { customer }),
    ];
    expect(first.slice(-2)).toBe(second.slice(-2));
    expect(await stored()).toMatchObject({ subscriptions: 2, customers: 1, names: 4 });
  });

  test('a customer reference that Xendit knows already (409) is looked up, and the session opened for that customer', async () => {
    const opened: string[] = [];
    const picky = {
      ...gateway,
      openSession: async (request: Parameters<typeof gateway.openSession>[0]) => {
        opened.push('id' in request.customer ? request.customer.id : 'by reference');
        return 'id' in request.customer ? await gateway.openSession(request) : refusing(409, 'DUPLICATE_ERROR');
      },
    };
    const made = await createSubscription({ ...ctx, gateway: picky }, createInput('order-1'));
    expect(made).toMatchObject({ kind: 'created', dossier: { customer: { xenditId: 'cust-of-customer-order-1' } } });
    expect(opened).toEqual(['by reference', 'cust-of-customer-order-1']);
  });

  test('a customer whom we know by the id of Xendit is the same one when named by a reference', async () => {
    const byId = await world.create('a', 'monthly', { customer: { id: 'cust-of-siti' } });
    const customer = { referenceId: 'siti', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const byName = await world.create('b', 'monthly', { customer });
    expect((await world.subscription(byName)).customer.id).toBe((await world.subscription(byId)).customer.id);
    expect(await stored()).toMatchObject({ subscriptions: 2, customers: 1 });
  });
});
