import { beforeEach, describe, expect, test } from 'vitest';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { testWorld } from '../support/world.ts';

/*
 * A method was saved for a sum that its channel takes, for charges so far apart, and until a day. A change that goes beyond one of
 * these says so when it is asked for, and asks for another saving; nothing is left to fail at Xendit.
 */

const START = '2026-09-01T02:00:00Z';
const plan = (name: string, rest: string) => `  ${name}: { name: ${name}, dunning: ${rest} }\n`;
const ofId = 'once, price: { amount: 150000, currency: IDR }, interval:';
const ofPh = 'once, country: PH, time_zone: Asia/Manila, price: { amount: 499, currency: PHP }, interval:';
const catalog = `defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:
${[
  plan('monthly', `${ofId} 1 month`),
  plan('weekly', `${ofId} 1 week`),
  plan('yearly', `${ofId} 1 year`),
  plan('dear', 'once, price: { amount: 90000000, currency: IDR }, interval: 1 month'),
  plan('pesos', `${ofPh} 1 month`),
  plan('half-year', `${ofPh} 6 months`),
  plan('six', `${ofPh} 1 month, ends_after: 6 cycles`),
  plan('twelve', `${ofPh} 1 month, ends_after: 12 cycles`),
].join('')}dunning:
  once: { retry_after: [], window: 1 day, then: cancel }
`;
const world = await testWorld({ at: START, catalog });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(START));

const bank = { channelCode: 'BPI_RECURRING', country: 'PH', currency: 'PHP', expiryMonth: null, expiryYear: null };

const asked = async (id: string, body: ChangeBody) => await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });

const cases = [
  [
    'a shorter interval',
    'monthly',
    {},
    { plan: 'weekly' },
    /saved for charges that lie 28 days apart at least, and the new ones lie 7 apart/,
  ],
  [
    'a higher price',
    'monthly',
    { channelCode: 'OVO' },
    { plan: 'dear' },
    /new price can be charged by no channel: OVO takes 20,000,000 IDR at most/,
  ],
  [
    'more of the same',
    'monthly',
    { channelCode: 'OVO' },
    { quantity: 200 },
    /new price can be charged by no channel: OVO takes 20,000,000 IDR at most/,
  ],
  [
    'a channel that keeps it for less than a period',
    'pesos',
    bank,
    { plan: 'half-year' },
    /BPI_RECURRING keeps a saved method for 3 months, and the new charges lie further apart/,
  ],
  [
    'a channel that keeps it for less than the whole plan',
    'pesos',
    bank,
    { plan: 'six' },
    /until 2026-11-30, for its channel keeps it no longer, and the last charge is on 2027-0/,
  ],
] as const;

describe('a change that goes beyond what its method was saved for', () => {
  test.each(cases)('asks for another saving at once: %s', async (_, from, token, body, why) => {
    const id = await world.onboard('order-1', from, {}, token);
    await world.work();
    const before = await world.subscription(id);
    const answer = await asked(id, body);
    expect(answer).toMatchObject({ kind: 'refused', detail: expect.stringMatching(why) });
    expect(answer).toMatchObject({ detail: expect.stringContaining('POST .../onboarding') });
    expect(await previewChange(ctx, id, { body, actor: 'siti' })).toMatchObject({ kind: 'refused' });
    expect(await world.subscription(id)).toEqual(before);
  });

  test.each(cases)(
    'is planned with a warning, and lapses with its why where nobody came: %s',
    async (_, from, token, body, why) => {
      const id = await world.onboard('order-1', from, {}, token);
      await world.work();
      const planned = { ...body, when: 'period_end' };
      const shown = await previewChange(ctx, id, { body: planned, actor: 'siti' });
      expect(shown).toMatchObject({ kind: 'shown', shown: { warnings: [expect.stringMatching(why)] } });
      await asked(id, planned);
      await world.liveUntil('2026-10-02T00:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ plan: from, quantity: 1, planned_change: null });
      expect(await world.told(id)).toContain('subscription.change_lapsed');
      expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    },
  );
});

describe('the way out is a way', () => {
  async function savedAgain(id: string): Promise<void> {
    const opened = await replaceMethod(ctx, id, {
      returnUrls: { success: null, cancel: null },
      allowedChannels: null,
      locale: null,
    });
    expect(opened).toMatchObject({ kind: 'opened' });
    await world.saveMethod(id);
  }

  test.each([
    ['a shorter interval', 'monthly', 'weekly'],
    ['a plan whose last charge lies behind the end of the mandate', 'six', 'twelve'],
  ])('refused, planned, saved again, and then made at once: %s', async (_what, from, to) => {
    const id = await world.onboard('order-1', from);
    await world.work();
    expect(await asked(id, { plan: to })).toMatchObject({ kind: 'refused' });
    // Whoever saves another without a change that is planned saves it for what is agreed.
    await savedAgain(id);
    expect(await asked(id, { plan: to })).toMatchObject({ kind: 'refused' });
    await asked(id, { plan: to, when: 'period_end' });
    await savedAgain(id);
    expect(await asked(id, { plan: to })).toMatchObject({ kind: 'changed' });
    expect(await world.subscription(id)).toMatchObject({ plan: to, planned_change: null });
  });

  test('a change that is planned is made when its time comes, and the customer has read what they agreed to', async () => {
    const id = await world.onboard('order-1', 'monthly');
    await world.work();
    await asked(id, { plan: 'weekly', when: 'period_end' });
    await savedAgain(id);
    expect(gateway.described.at(-1)).toBe(
      'monthly: IDR 150,000 a month, until you cancel. From 2026-10-01: weekly: IDR 150,000 a week, until you cancel',
    );
    expect(gateway.saved.at(-1)).toMatchObject({ recurringFrequency: 7 });
    await world.liveUntil('2026-10-10T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ plan: 'weekly' });
    expect(await world.told(id)).not.toContain('subscription.change_lapsed');
    expect(await world.charge(id, 2)).toMatchObject({ status: 'paid', due_at: '2026-10-08T02:00:00Z' });
  });

  test('a last charge that a pause has moved is covered by the method that is saved after it', async () => {
    const id = await world.onboard('order-1', 'six');
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti', cycles: 'shift', until: Temporal.PlainDate.from('2028-09-01') });
    await savedAgain(id);
    // 731 days later than 1 March 2027, and a day in which it may be tried.
    expect(gateway.saved.at(-1)?.recurringExpiry.toString()).toBe('2029-03-02');
  });
});

describe('a change is made where its method was saved for it', () => {
  test.each([
    ['a longer interval', 'monthly', {}, { plan: 'yearly' }],
    ['a price that the channel takes', 'monthly', {}, { plan: 'dear' }],
    [
      'more of the same, whatever is left of the life of its method',
      'six',
      { ...bank, channelCode: 'UBP_EADA' },
      { quantity: 2 },
    ],
    ['a plan that goes on, with a channel that keeps it for a quarter', 'pesos', bank, { quantity: 2 }],
  ] as const)('%s', async (_, from, token, body) => {
    const id = await world.onboard('order-1', from, {}, token);
    await world.work();
    expect(await asked(id, body)).toMatchObject({ kind: 'changed' });
  });

  test('although the card is printed to end before: networks renew it', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, { expiryMonth: '09', expiryYear: '2026' });
    await world.work();
    expect(await asked(id, { plan: 'dear', when: '2026-11-15' })).toMatchObject({ kind: 'changed' });
  });
});
