import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { askingCodes } from '../../src/domain/catalog/channels.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import type { SessionRequest } from '../../src/infra/gateway/gateway.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { paidThrough } from '../../src/infra/tables/methods/tokens.ts';
import { createInput } from '../support/create-input.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({
  at: start,
  catalog: plainCatalog
    .replace('defaults:\n', 'defaults:\n  payment_channels: { ID: [CARDS, OVO] }\n')
    .replace('  weekly:\n', '  weekly:\n    payment_channels: [DANA]\n'),
});
const { gateway } = world;
const asked: SessionRequest[] = [];
const ctx: AccountContext = {
  ...world.ctx,
  gateway: {
    ...gateway,
    openSession: async (request) => {
      asked.push(request);
      return await gateway.openSession(request);
    },
  },
};
const nothing = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
beforeEach(async () => {
  await world.startOver(start);
  asked.length = 0;
});

async function saving(id: string) {
  return (await chainOf(world.db, bucketOf(id), id)).find(({ kind }) => kind === 'token.saved');
}

async function created(plan: string, more: Parameters<typeof createInput>[2] = {}): Promise<string> {
  const made = await createSubscription(ctx, createInput(`order-${plan}`, plan, more));
  if (made.kind !== 'created') throw new Error(JSON.stringify(made));
  return made.dossier.subscription.id;
}

describe("Xendit's page offers", () => {
  test.each([
    ['what the request says', 'weekly', ['OVO'], ['OVO']],
    ['else what the plan says', 'weekly', null, ['DANA']],
    ['else what the catalog says of the country', 'monthly', null, ['CARDS', 'OVO']],
    ['else whatever it can save', 'manila', null, null],
  ])('%s, now and when the method is replaced', async (_, plan, allowedChannels, offered) => {
    const id = await created(plan, { allowedChannels });
    expect(await replaceMethod(ctx, id, nothing)).toMatchObject({ kind: 'opened' });
    expect(asked.map((request) => request.allowedChannels)).toEqual([offered, offered]);
  });

  test('nothing that asks the customer each time, is of another country, or does not take the price', async () => {
    const faults = async (plan: string, allowedChannels: readonly string[]) =>
      await createSubscription(ctx, createInput('order-1', plan, { allowedChannels }));
    expect(await faults('manila', ['CARDS', 'BPI_DIRECT_DEBIT'])).toMatchObject({
      kind: 'invalid',
      faults: [
        {
          field: 'onboarding.allowed_payment_channels.1',
          message: expect.stringContaining('asks the customer each time'),
        },
      ],
    });
    expect(await faults('monthly', ['GRABPAY'])).toMatchObject({
      faults: [{ field: 'onboarding.allowed_payment_channels.0' }],
    });
    expect(asked).toEqual([]);
    const id = await created('monthly');
    expect(await replaceMethod(ctx, id, { ...nothing, allowedChannels: ['GCASH'] })).toMatchObject({
      kind: 'invalid',
      faults: [{ field: 'allowed_payment_channels.0' }],
    });
    expect(asked).toHaveLength(1);
  });
});

test('a method that asks each time and was saved all the same is told of, in the ledger and in the log', async () => {
  const id = await world.onboard('order-1', 'manila', {}, { channelCode: 'UBP_DIRECT_DEBIT', country: 'PH' });
  const entry = await saving(id);
  expect(entry?.why).toContain('asks the customer each time');
  expect(world.logged.filter(({ level }) => level === 'warn')).toMatchObject([
    { event: expect.stringContaining('asks the customer each time'), facts: { channel: 'UBP_DIRECT_DEBIT' } },
  ]);
  expect(await paidThrough(world.db, askingCodes())).toBe(1);
  const other = await world.onboard('order-2', 'manila', {}, { channelCode: 'UBP_EADA', country: 'PH' });
  const quiet = await saving(other);
  expect(quiet?.why).not.toContain('asks');
  expect(await paidThrough(world.db, askingCodes())).toBe(1);
  await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
  expect(await paidThrough(world.db, askingCodes())).toBe(0);
});
