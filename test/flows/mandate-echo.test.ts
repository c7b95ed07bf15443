import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { MandateEcho } from '../../src/domain/methods/mandate.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { createInput } from '../support/create-input.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { gateway } = world;
beforeEach(() => world.startOver(START));

const another: MandateEcho = {
  cardOnFileType: 'CUSTOMER_UNSCHEDULED',
  recurringFrequency: null,
  recurringExpiry: null,
};
const errors = () => world.logged.filter(({ level }) => level === 'error');

async function create(ctx: Context): Promise<string> {
  const created = await createSubscription(ctx, createInput('order-1', 'monthly'));
  return created.kind === 'created' ? created.dossier.subscription.id : JSON.stringify(created);
}

// docs.xendit.co/docs/merchant-initiated-transaction-2: RECURRING with its configuration is what makes a charge recurring.
describe('an answer that repeats another mandate than the card was saved under', () => {
  test('is told at once, in the log and beside the charge, which stays paid', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ ...succeeded(), echo: another } as Outcome);
    await world.work();
    const charge = await world.charge(id);
    expect(charge).toMatchObject({ status: 'paid' });
    expect(charge.note).toContain('repeats the mandate as card_on_file_type CUSTOMER_UNSCHEDULED instead of RECURRING');
    expect(errors()).toMatchObject([
      { event: 'mandate was not taken', facts: { charge_id: charge.id, way_out: expect.any(String) } },
    ]);
  });

  test('is told of a decline too, which is dunned as any other', async () => {
    const id = await world.onboard('order-1');
    gateway.script({ ...declined('INSUFFICIENT_BALANCE'), echo: another } as Outcome);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-02-01T02:00:00Z' });
    expect(errors()).toHaveLength(1);
  });

  test.each([
    ['the same mandate', { cardOnFileType: 'RECURRING', recurringFrequency: 1, recurringExpiry: null }, {}],
    ['nothing', undefined, {}],
    ['another type for a wallet, which has no mandate', another, { channelCode: 'OVO', network: null }],
  ])('and one that repeats %s is not', async (_what, echo, token) => {
    const id = await world.onboard('order-1', 'monthly', {}, token);
    gateway.script({ ...succeeded(), ...(echo !== undefined && { echo }) } as Outcome);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid', note: 'Xendit collected the money.' });
    expect(errors()).toEqual([]);
  });

  test('of a session or a saved token is told before anything is charged', async () => {
    const { openSession } = gateway;
    const ctx = world.ctx;
    const told = {
      ...ctx.gateway,
      openSession: async (request: Parameters<typeof openSession>[0]) => {
        const answer = await openSession(request);
        return answer.kind === 'ok' ? { ...answer, value: { ...answer.value, echo: another } } : answer;
      },
    };
    const id = await create({ ...ctx, gateway: told });
    expect(errors()).toMatchObject([{ event: 'mandate was not taken', facts: { subscription_id: id } }]);
    await world.saveMethod(id, { echo: another });
    expect(errors()).toHaveLength(2);
    expect(gateway.sent).toEqual([]);
  });
});
