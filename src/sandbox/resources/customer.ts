import { z } from 'zod';
import { Fault, idNotFound, invalid } from '../http/fault.ts';
import { parse } from '../http/shape.ts';
import { stamp } from '../time/clock.ts';
import type { World } from '../world.ts';

// "Alphanumeric. No special characters is allowed.", and one example has two words.
const Name = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[A-Za-z0-9 ]+$/, 'must match pattern "^[A-Za-z0-9 ]+$"');

/** The customer inside a session (docs "create-session"). */
export const CustomerBody = z.strictObject({
  // "Alphanumeric no special characters allowed", and the examples have "_", "-" and their tool's word for a UUID.
  reference_id: z
    .string()
    .min(1)
    .max(255)
    .regex(/^([\w-]+|\{\{\$randomUUID\}\})$/, 'must match pattern "^[A-Za-z0-9_-]+$"'),
  type: z.literal('INDIVIDUAL'),
  email: z
    .string()
    .min(4)
    .max(50)
    .regex(/^[^@\s]+@[^@\s]+$/, 'must match format "email"')
    .optional(),
  mobile_number: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'must be in E.164 format')
    .optional(),
  individual_detail: z.strictObject({
    given_names: Name,
    surname: Name.optional(),
    nationality: z.string().length(2).optional(),
    place_of_birth: z.string().min(1).max(60).optional(),
    date_of_birth: z.iso.date().optional(),
    gender: z.enum(['MALE', 'FEMALE', 'OTHER']).optional(),
  }),
});

export type KeptAnswer = { readonly text: string; readonly customer: Customer; readonly until: Temporal.Instant };

export type Customer = z.infer<typeof CustomerBody> & { readonly id: string; readonly created: Temporal.Instant };

/** A customer made by a call of their own (docs "create-customer-request"). */
const NewCustomer = CustomerBody.extend({
  description: z.string().min(1).max(500).nullish(),
  metadata: z.record(z.string().max(40), z.string().max(500)).nullish(),
});

/** "It expires after 24 hours from the first request" (docs/xendit.md 5). */
const KEY_LIVES = { hours: 24 };

/** `POST /customers`: the same call under the same key has the first one's answer. */
export function postCustomer(world: World, body: unknown, key: string | undefined): object {
  const { description: _, metadata: __, ...asked } = parse(NewCustomer, body);
  if (key === undefined) return customerView(createCustomer(world, asked));
  if (key.length < 1 || key.length > 100) throw invalid('/headers/idempotency-key', 'must have 1 to 100 characters');
  const { keys } = world.customers;
  const text = JSON.stringify(body);
  const before = keys.get(key);
  if (before !== undefined && Temporal.Instant.compare(world.clock.now(), before.until) < 0) {
    if (before.text === text) return customerView(before.customer);
    throw new Fault(409, 'IDEMPOTENCY_ERROR', 'Idempotency key has been used before.');
  }
  const customer = createCustomer(world, asked);
  keys.set(key, { text, customer, until: world.clock.now().add(KEY_LIVES) });
  return customerView(customer);
}

const Query = z.strictObject({ reference_id: z.string().min(1).max(255) });

/** Makes a customer. A reference that was used before is refused (docs/xendit.md 2.2). */
export function createCustomer(world: World, body: z.infer<typeof CustomerBody>): Customer {
  if (world.customers.byReference.has(body.reference_id)) {
    throw new Fault(
      409,
      'DUPLICATE_ERROR',
      'customer: The reference_id entered has been used before. Please enter a unique reference_id',
    );
  }
  const customer = { ...body, id: `cust-${world.ids.uuid()}`, created: world.clock.now() };
  world.customers.byId.set(customer.id, customer);
  world.customers.byReference.set(customer.reference_id, customer);
  return customer;
}

/** `GET /customers?reference_id=`: one or none (docs/xendit.md 5). */
export function listCustomers(world: World, query: unknown): object {
  const customer = world.customers.byReference.get(parse(Query, query, 'query').reference_id);
  return { data: customer === undefined ? [] : [customerView(customer)], has_more: false };
}

/** `GET /customers/{id}`. */
export function getCustomer(world: World, id: string): object {
  const customer = world.customers.byId.get(id);
  if (customer === undefined) throw idNotFound();
  return customerView(customer);
}

// This older product writes nulls, unlike sessions and payments (samples/customers-by-reference.response.json).
function customerView(customer: Customer): object {
  const { given_names, surname, nationality, place_of_birth, date_of_birth, gender } = customer.individual_detail;
  return {
    id: customer.id,
    reference_id: customer.reference_id,
    type: customer.type,
    individual_detail: {
      given_names,
      surname: surname ?? null,
      nationality: nationality ?? null,
      place_of_birth: place_of_birth ?? null,
      date_of_birth: date_of_birth ?? null,
      gender: gender ?? null,
      employment: null,
    },
    email: customer.email ?? null,
    mobile_number: customer.mobile_number ?? null,
    phone_number: null,
    hashed_phone_number: null,
    addresses: [],
    identity_accounts: [],
    kyc_documents: [],
    description: null,
    metadata: {},
    created: stamp(customer.created),
    updated: stamp(customer.created),
  };
}
