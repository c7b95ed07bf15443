import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { apiOver } from '../support/api.ts';
import { testWorld } from '../support/world.ts';

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
const product = await createKey(ctx, 'shop', 'product');
beforeEach(() => world.startOver(at));

const asBefore = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const charged = () => gateway.sent.map(({ body }) => (JSON.parse(body) as { cardOnFileType?: string }).cardOnFileType);

describe('what a method is saved for', () => {
  test('is said to Xendit when it is saved, kept, shown, and said with every charge of it', async () => {
    const id = await world.onboard('order-1', 'monthly', { saveFor: 'MERCHANT_UNSCHEDULED' });
    await world.work();
    expect(gateway.saved.at(-1)).toMatchObject({ cardOnFileType: 'MERCHANT_UNSCHEDULED', recurringFrequency: 1 });
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      mandate: { card_on_file_type: 'MERCHANT_UNSCHEDULED', recurring_frequency: 1 },
    });
    expect(charged()).toEqual(['MERCHANT_UNSCHEDULED']);
    expect(world.logged.filter(({ event }) => event === 'mandate was not taken')).toEqual([]);
  });

  test('is the cycles of the plan unless said, and follows the method that is charged', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await replaceMethod(ctx, id, { ...asBefore, saveFor: 'MERCHANT_UNSCHEDULED' });
    await world.saveMethod(id);
    await world.liveUntil('2026-02-28T03:00:00Z');
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id);
    await world.liveUntil('2026-03-31T03:00:00Z');
    expect(charged()).toEqual(['RECURRING', 'MERCHANT_UNSCHEDULED', 'RECURRING']);
  });

  test('is taken by name alone', async () => {
    const { status, body } = await api.post('/v1/subscriptions', {
      reference_id: 'order-1',
      plan: 'monthly',
      customer: { reference_id: 'c-1', given_names: 'Siti' },
      onboarding: { save_for: 'CUSTOMER_UNSCHEDULED' },
    });
    expect([status, body.errors[0].field]).toEqual([400, 'onboarding.save_for']);
    expect(gateway.saved).toEqual([]);
  });
});

describe('POST /v1/subscriptions/{id}/consents', () => {
  const given = { what: 'extra', answer: 'given', evidence: 'checkout 4711, box "usage"' };
  const send = (id: string, body: object) => api.post(`/v1/subscriptions/${id}/consents`, body, product.secret);

  test('writes down what the customer answered, with who wrote it and where it is kept', async () => {
    const id = await world.onboard('order-1');
    expect(await send('ref:order-1', given)).toMatchObject({
      status: 201,
      body: { number: 1, ...given, answered_at: at, actor: 'api:product:shop' },
    });
    world.moveTo('2026-02-01T02:00:00Z');
    expect(await send(id, { ...given, answer: 'refused' })).toMatchObject({ status: 201, body: { number: 2 } });
    expect(await world.ask(sql`select number, what, answer from consents order by number`)).toEqual([
      { number: 1, what: 'extra', answer: 'given' },
      { number: 2, what: 'extra', answer: 'refused' },
    ]);
    expect((await world.told(id)).slice(-2)).toEqual(['subscription.consent_given', 'subscription.consent_refused']);
  });

  test('at once gives each its own number', async () => {
    const id = await world.onboard('order-1');
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(id, given)));
    expect(answers.map(({ body }) => body.number as number).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  test.for<[object, string]>([
    [{ ...given, what: 'anything' }, 'what'],
    [{ ...given, answer: 'silence' }, 'answer'],
    [{ what: 'extra', answer: 'given' }, 'evidence'],
    [{ ...given, evidence: '' }, 'evidence'],
    [{ ...given, until: '2026-12-31' }, 'until'],
  ])('refuses %j by the name of the field', async ([body, field]) => {
    const id = await world.onboard('order-1');
    const { status, body: problem } = await send(id, body);
    expect([status, problem.errors.map((one: { field: string }) => one.field)]).toEqual([400, [field]]);
    expect(await world.ask(sql`select from consents`)).toEqual([]);
  });

  test('is 404 where there is no subscription, and what was written down never changes', async () => {
    expect(await send('019a0000-0000-7000-8000-000000000001', given)).toMatchObject({ status: 404 });
    const id = await world.onboard('order-1');
    await send(id, given);
    await expect(world.ask(sql`update consents set answer = 'refused'`)).rejects.toThrow('consents_are_only_added');
  });
});
