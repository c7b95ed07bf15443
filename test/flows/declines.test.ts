import { beforeEach, describe, expect, test } from 'vitest';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const sentOn = async (id: string, cycle = 0) =>
  (await world.charge(id, cycle)).attempts.map((one) => one.sent_at.slice(0, 16));

describe('declines for want of money, and soft ones', () => {
  test('climb the ladder 1, 3, 5, 7 days apart at the charge hour, then the subscription is canceled', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', next_charge_at: '2026-02-01T02:00:00Z' });
    await world.liveUntil('2026-04-01T00:00:00Z');
    expect(await sentOn(id)).toEqual([
      '2026-01-31T02:00',
      '2026-02-01T02:00',
      '2026-02-04T02:00',
      '2026-02-09T02:00',
      '2026-02-16T02:00',
    ]);
    expect(await world.charges(id)).toMatchObject([{ status: 'uncollectible', failure_code: 'INSUFFICIENT_BALANCE' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', ended_at: '2026-02-16T02:00:00Z' });
    expect((await world.told(id)).slice(-3)).toEqual([
      'attempt.settled',
      'charge.uncollectible',
      'subscription.canceled',
    ]);
  });

  test('that end in a payment make the subscription active again', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('CARD_DECLINED'), declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-02-10T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, {}, { outcome: 'succeeded' }] });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('of one cycle do not keep the next from falling due; past due until both are settled', async () => {
    const id = await world.onboard('order-1', 'patient');
    gateway.otherwise((sent) => (sent.referenceId.includes('_0_') ? declined('CARD_DECLINED') : succeeded()));
    await world.liveUntil('2026-02-08T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'due' }, { status: 'paid' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-02-12T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('without a ladder are given up at once', async () => {
    const id = await world.onboard('order-1', 'three');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });

  test('with a code nobody has heard of are tried once more', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(() => declined('MOON_IN_WRONG_PHASE'));
    await world.liveUntil('2026-04-01T00:00:00Z');
    expect(await sentOn(id)).toEqual(['2026-01-31T02:00', '2026-02-01T02:00']);
    expect(await world.charge(id)).toMatchObject({
      status: 'uncollectible',
      attempts: [{ class: 'soft' }, { class: 'soft' }],
    });
  });
});

describe('technical failures', () => {
  test('are tried again within minutes and hours, spend no step, and leave the subscription active', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('ISSUER_UNAVAILABLE'), declined('CHANNEL_UNAVAILABLE'), declined('PROCESSOR_ERROR'));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-02-01T00:00:00Z');
    expect(await sentOn(id)).toEqual(['2026-01-31T02:00', '2026-01-31T02:05', '2026-01-31T02:20', '2026-01-31T03:20']);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('that never end are given up when the window ends, without more than one try a day in the end', async () => {
    const id = await world.onboard('order-1', 'asking');
    gateway.otherwise(() => declined('ISSUER_UNAVAILABLE'));
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
    expect(gateway.sent.length).toBeLessThan(18);
  });
});

describe('declines that need the customer', () => {
  const otp = () => declined('REQUIRES_ACTION', { actionUrl: 'https://bank.example/3ds' });

  test('keep the address where the customer can act, and wait instead of retrying', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(otp);
    await world.liveUntil('2026-02-27T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      next_attempt_at: null,
      waits_until: '2026-02-28T02:00:00Z',
      attempts: [
        { action_url: 'https://bank.example/3ds', class: 'needs_customer', decision: { kind: 'wait_for_customer' } },
      ],
    });
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', token: { status: 'active' } });
  });

  test.each([
    ['canceled', 'monthly', '2026-02-28T02:00:00Z'],
    ['paused', 'asking', '2026-02-10T02:00:00Z'],
    ['past_due', 'forgiving', '2026-02-10T02:00:00Z'],
  ])('are given up at the end of the window, and then the subscription is %s', async (status, plan, end) => {
    const id = await world.onboard('order-1', plan);
    gateway.script(otp());
    await world.liveUntil(Temporal.Instant.from(end).subtract({ seconds: 1 }).toString());
    expect(await world.charge(id)).toMatchObject({ status: 'due' });
    await world.liveUntil(end);
    expect(await world.charge(id)).toMatchObject({ status: 'uncollectible', waits_until: null, settled_at: end });
    expect(await world.subscription(id)).toMatchObject({ status });
    expect(await world.told(id)).toContain('charge.uncollectible');
    expect(gateway.sent).toHaveLength(1);
  });

  test('and whose plan keeps the subscription leave its next cycle to be billed, which makes it active', async () => {
    const id = await world.onboard('order-1', 'forgiving');
    gateway.script(otp());
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.charges(id)).toMatchObject([{ status: 'uncollectible' }, { status: 'paid' }]);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });
});

describe('declines that end the payment method', () => {
  test('because the card is dead: it is never charged again, and later cycles wait for a new one', async () => {
    const id = await world.onboard('order-1', 'patient');
    gateway.script(declined('EXPIRED_CARD'));
    await world.liveUntil('2026-02-08T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', token: { status: 'dead' } });
    expect(await world.charges(id)).toMatchObject([
      { status: 'due', next_attempt_at: null, waits_until: expect.any(String) },
      { status: 'due', next_attempt_at: null, waits_until: expect.any(String), attempts: [] },
    ]);
    expect(gateway.sent).toHaveLength(1);
    expect(await world.told(id)).toContain('token.ended');
  });

  // Visa Core Rules, Table 7-2 (category 1), and Mastercard's advice 03: docs/xendit.md, Declines.
  const never: readonly (readonly [string, string | null, string | null])[] = [
    ['STOLEN_CARD', '43', null],
    ['SUSPECTED_FRAUDULENT', null, null],
    ['DECLINED_BY_ISSUER', '05', '03'],
    ['INSUFFICIENT_BALANCE', '51', '03'],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '57', null],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '12', null],
    ['INVALID_CARD', '14', null],
    ['DECLINED_BY_ISSUER', 'R0', null],
    ['TRANSACTION_BLOCKED', 'R1', null],
    ['DECLINED_BY_ISSUER', 'R3', null],
  ];

  test.each(never)(
    'because of %s (network %s, advice %s): that card is never tried again, and another one pays within the window',
    async (code, networkCode, adviceCode) => {
      const id = await world.onboard('order-1');
      gateway.script(declined(code, { networkCode, adviceCode }));
      await world.liveUntil('2026-02-10T00:00:00Z');
      expect(await world.charge(id)).toMatchObject({
        status: 'due',
        next_attempt_at: null,
        waits_until: '2026-02-28T02:00:00Z',
        attempts: [{ class: 'never_again', decision: { kind: 'wait_for_customer' } }],
      });
      expect(await world.subscription(id)).toMatchObject({ status: 'past_due', token: { status: 'dead' } });
      expect(gateway.sent).toHaveLength(1);
      const opened = await replaceMethod(world.ctx, id, asIs);
      expect(opened.kind).toBe('opened');
      const another = await world.saveMethod(id);
      await world.work();
      expect(gateway.sent.map((sent) => sent.tokenId === another)).toEqual([false, true]);
      expect(await world.charge(id)).toMatchObject({ status: 'paid' });
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    },
  );

  test.each([
    ['monthly', 'canceled', '2026-02-28T02:00:00Z'],
    ['asking', 'paused', '2026-02-10T02:00:00Z'],
    ['forgiving', 'past_due', '2026-02-10T02:00:00Z'],
  ])(
    'for ever, and whose customer brings no other: only at the window’s end the policy’s "then" (%s)',
    async (plan, status, end) => {
      const id = await world.onboard('order-1', plan);
      gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
      await world.liveUntil(Temporal.Instant.from(end).subtract({ seconds: 1 }).toString());
      expect(await world.charge(id)).toMatchObject({ status: 'due' });
      await world.liveUntil(end);
      expect(await world.charge(id)).toMatchObject({ status: 'uncollectible', settled_at: end });
      expect(await world.subscription(id)).toMatchObject({ status });
      expect(gateway.sent).toHaveLength(1);
    },
  );

  test('end it for every subscription that it was saved for', async () => {
    const [one, other] = [await world.onboard('order-1'), await world.create('order-2')];
    const tokenId = gateway.sessions.size > 0 ? await tokenOf(one) : '';
    await world.saveMethod(other, { tokenId });
    gateway.script(declined('STOLEN_CARD', { networkCode: '43' }));
    await world.work();
    for (const id of [one, other]) expect(await world.subscription(id)).toMatchObject({ token: { status: 'dead' } });
    expect(gateway.sent).toHaveLength(1);
  });
});

const asIs = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };

const tokenOf = async (id: string) =>
  [...gateway.sessions.values()].find(({ referenceId }) => referenceId?.includes(id))?.tokenId ?? '';

describe('declines for which one more try is enough (docs/xendit.md, Declines)', () => {
  test.each([
    ['INVALID_CVV', '82'],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '78'],
    ['DECLINED_BY_PROCESSOR', '81'],
    ['ISSUER_SUSPECT_FRAUD', '59'],
    ['MOON_IN_WRONG_PHASE', null],
  ])(
    '%s, network %s: tried the next day, then the customer is waited for; the method lives',
    async (code, networkCode) => {
      const id = await world.onboard('order-1');
      gateway.otherwise(() => declined(code, { networkCode }));
      await world.liveUntil('2026-02-20T00:00:00Z');
      expect(await sentOn(id)).toEqual(['2026-01-31T02:00', '2026-02-01T02:00']);
      expect(await world.charge(id)).toMatchObject({ status: 'due', waits_until: '2026-02-28T02:00:00Z' });
      expect(await world.subscription(id)).toMatchObject({ status: 'past_due', token: { status: 'active' } });
    },
  );

  test.each(['9G', '5C', '93'])('network %s: none, the customer is waited for at once', async (networkCode) => {
    const id = await world.onboard('order-1');
    gateway.otherwise(() => declined('DECLINED_BY_ISSUER', { networkCode }));
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await sentOn(id)).toHaveLength(1);
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', token: { status: 'active' } });
  });

  test('an amount over a limit: tried the next day, then the customer is waited for, and the admin is told once', async () => {
    const id = await world.onboard('order-1');
    gateway.otherwise(() => declined('PAYMENT_AMOUNT_LIMITS_EXCEEDED'));
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await sentOn(id)).toEqual(['2026-01-31T02:00', '2026-02-01T02:00']);
    expect(await world.charge(id)).toMatchObject({ waits_until: '2026-02-28T02:00:00Z' });
    const told = world.logged.filter(({ event }) => event === 'amount over a limit');
    expect(told).toMatchObject([{ level: 'warn', facts: { code: 'PAYMENT_AMOUNT_LIMITS_EXCEEDED' } }]);
  });

  test.each(['USER_DID_NOT_AUTHORIZE', 'PAYMENT_REQUEST_EXPIRED'])(
    '%s of a wallet: asked twice more, at another hour, then waited for',
    async (code) => {
      const id = await world.onboard('order-1', 'monthly', {}, { channelCode: 'OVO', network: null });
      gateway.otherwise(() => declined(code));
      await world.liveUntil('2026-02-20T00:00:00Z');
      expect(await sentOn(id)).toEqual(['2026-01-31T02:00', '2026-02-01T12:00', '2026-02-04T12:00']);
      expect(await world.charge(id)).toMatchObject({ status: 'due', waits_until: '2026-02-28T02:00:00Z' });
      expect(await world.subscription(id)).toMatchObject({ token: { status: 'active' } });
    },
  );
});

describe('declines about which a person decides', () => {
  test.each([
    ['PARTIAL_APPROVAL', '10', 'partial_approval'],
    ['PAYMENT_REQUEST_CANCELED', null, 'by_hand'],
  ])('%s: held, nothing is tried, and the customer is not dunned', async (code, networkCode, reason) => {
    const id = await world.onboard('order-1');
    gateway.script(declined(code, { networkCode }));
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: reason });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { status: 'active' } });
    expect(gateway.sent).toHaveLength(1);
    expect(world.logged.filter(({ event }) => event === 'charge held for a person')).toHaveLength(1);
  });
});

test('the story of a charge says how its method ended, also where another charge ended it', async () => {
  const id = await world.onboard('order-1', 'patient');
  gateway.script(...Array.from({ length: 3 }, () => declined('INSUFFICIENT_BALANCE')), declined('STOLEN_CARD'));
  await world.liveUntil('2026-02-08T00:00:00Z');
  const [first, second] = await world.charges(id);
  expect([first?.attempts.length, second?.failure_code]).toEqual([3, 'STOLEN_CARD']);
  expect(first?.history.map(({ kind }) => kind)).toContain('token.ended');
});
