import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { bucketOfName } from '../../src/infra/ids.ts';
import { createInput } from '../support/create-input.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx } = world;
beforeEach(() => world.startOver(start));

const customerOf = (referenceId: string) => ({ ...createInput('x').customer, referenceId });

/** As if it had been made before anybody looked at references. */
async function renamed(kind: 'subscription' | 'customer', from: string, to: string): Promise<void> {
  await world.ask(
    sql`update names set name = ${to}, bucket = ${bucketOfName(to)} where kind = ${kind} and name = ${from}`,
  );
  await world.ask(sql.raw(`update ${kind}s set reference_id = '${to}' where reference_id = '${from}'`));
}

test.each([
  ['siti@example.com', 'customer-1', ['reference_id']],
  ['+6281234567890', 'customer-1', ['reference_id']],
  ['order-1', 'siti@example.com', ['customer.reference_id']],
  ['order-1', '+6281234567890', ['customer.reference_id']],
  ['order-1', 'customer.1', ['customer.reference_id']],
  ['+6281234567890', 'a b', ['reference_id', 'customer.reference_id']],
])(
  '%s of %s is not taken as a new name: books that nobody can edit hold no addresses',
  async (reference, customer, fields) => {
    const input = createInput(reference, 'monthly', { customer: customerOf(customer) });
    const made = await createSubscription(ctx, input);
    expect(made.kind === 'invalid' && made.faults.map(({ field }) => field)).toEqual(fields);
    expect(await world.ask(sql`select from names`)).toEqual([]);
  },
);

test('bare digits may be anybody’s own numbering', async () => {
  const input = createInput('081234567890', 'monthly', { customer: customerOf('6281234567890') });
  expect(await createSubscription(ctx, input)).toMatchObject({ kind: 'created' });
});

test('what stands in the books already stays: the same request is answered alike, and its customer may subscribe again', async () => {
  const old = createInput('order-1', 'monthly', { canonical: 'as it came' });
  await createSubscription(ctx, old);
  await renamed('subscription', 'order-1', 'siti@example.com');
  await renamed('customer', 'customer-order-1', 'siti@example.com');
  expect(await createSubscription(ctx, { ...old, referenceId: 'siti@example.com' })).toMatchObject({ kind: 'known' });
  const next = createInput('order-2', 'monthly', { customer: customerOf('siti@example.com') });
  expect(await createSubscription(ctx, next)).toMatchObject({ kind: 'created' });
});

test('a customer whom Xendit knows already keeps the details it had, and whoever sends others is told', async () => {
  const first = await createSubscription(ctx, createInput('order-1', 'monthly', { customer: customerOf('siti') }));
  expect(first).toMatchObject({ kind: 'created', notSent: [] });
  const moved = { ...customerOf('siti'), surname: null, email: 'new@example.com' };
  const second = await createSubscription(ctx, createInput('order-2', 'monthly', { customer: moved }));
  expect(second).toMatchObject({
    kind: 'created',
    notSent: [
      { field: 'customer.given_names', message: expect.stringContaining('was not sent') },
      { field: 'customer.email', message: expect.stringContaining('was not sent') },
    ],
  });
});

test('also one whom only Xendit knows', async () => {
  const { openSession } = ctx.gateway;
  const duplicate = {
    kind: 'refused',
    status: 409,
    code: 'DUPLICATE_ERROR',
    message: '',
    retryAfterSeconds: null,
  } as const;
  const gateway = {
    ...ctx.gateway,
    openSession: async (request: Parameters<typeof openSession>[0]) =>
      'id' in request.customer ? await openSession(request) : duplicate,
  };
  const made = await createSubscription({ ...ctx, gateway }, createInput('order-1'));
  expect(made).toMatchObject({ kind: 'created', notSent: [{ field: 'customer.given_names' }] });
});
