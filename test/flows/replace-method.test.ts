import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { checkOnboardings } from '../../src/flows/onboarding/check-onboardings.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { type ReplaceInput, replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import type { Answer, Session, SessionRequest } from '../../src/infra/gateway/gateway.ts';
import { answering } from '../support/answering.ts';
import { createInput } from '../support/create-input.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const asBefore: ReplaceInput = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };

type OpenSession = typeof gateway.openSession;

/** A daemon whose Xendit takes the reference of a session once only, as Xendit does; `answers` come first, if any are left. */
function strict(...answers: ((request: SessionRequest) => Promise<Answer<Session>>)[]): AccountContext {
  const taken = new Set<string>();
  const openSession: OpenSession = async (request) => {
    if (taken.has(request.referenceId)) return used;
    taken.add(request.referenceId);
    return await (answers.shift() ?? gateway.openSession)(request);
  };
  return answering(ctx, { openSession });
}

const used: Answer<Session> = {
  kind: 'refused',
  status: 400,
  code: 'API_VALIDATION_ERROR',
  message: '/body/reference_id has been used before',
  retryAfterSeconds: null,
};
const silent: Answer<Session> = { kind: 'silent', detail: 'cut' };
/** The session is there, and the answer is lost. */
const lost = async (request: SessionRequest): Promise<Answer<Session>> => {
  await gateway.openSession(request);
  return silent;
};
const refusedWith = (status: number, code: string) => async (): Promise<Answer<Session>> => ({
  kind: 'refused',
  status,
  code,
  message: 'as scripted',
  retryAfterSeconds: null,
});

const numbersOf = async (id: string): Promise<readonly number[]> => {
  const rows = await world.ask<{ number: number }>(
    sql`select number from onboardings where subscription_id = ${id}::uuid order by number`,
  );
  return rows.map(({ number }) => number);
};
const sessionOf = async (id: string): Promise<string> => (await world.subscription(id)).onboarding?.session_id ?? '';

describe('another session', () => {
  const opened = async (id: string) =>
    await world.ask(sql`select actor, why from ledger where subscription_id = ${id}::uuid
      and kind = 'subscription.onboarding_opened' order by seq`);

  test('stands in the ledger with who asked for it, and of a subscription that moved meanwhile too', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const moves = [pauseSubscription, resumeSubscription];
    const daemon = strict();
    const clock = {
      ...ctx.clock,
      // Each look at the clock after the session was opened finds that somebody was faster.
      async now() {
        if (gateway.sessions.size > 1) await moves.shift()?.(ctx, id, { actor: 'product' });
        return await ctx.clock.now();
      },
    };
    await replaceMethod({ ...daemon, clock }, id, { ...asBefore, actor: 'api:product:shop' });
    expect(moves).toEqual([]);
    const why = `session ${await sessionOf(id)} was opened, to save another method`;
    expect(await opened(id)).toEqual([{ actor: 'api:product:shop', why }]);
    expect(await numbersOf(id)).toEqual([1, 2]);
  });

  test('says what the customer agreed to, whatever the plan has become, and of no trial that is over', async () => {
    const read: string[] = [];
    const reading = async (request: SessionRequest): Promise<Answer<Session>> => {
      read.push(request.description);
      return await gateway.openSession(request);
    };
    const id = await world.onboard('order-1', 'trial');
    await replaceMethod(strict(reading), id, asBefore);
    expect(read).toEqual(['With a trial: IDR 99,000 a month, until you cancel']);
  });
});

describe('replacing a method works again', () => {
  test.each([
    ['the answer was lost', lost, 'unavailable'],
    ['Xendit was silent', async () => silent, 'unavailable'],
    ['Xendit refused it with 409', refusedWith(409, 'DUPLICATE_ERROR'), 'refused'],
    ['Xendit refused it with 422', refusedWith(422, 'INVALID_SESSION'), 'refused'],
    ['Xendit was too busy', refusedWith(429, 'RATE_LIMIT_EXCEEDED'), 'unavailable'],
  ])('although %s: the next session has a number of its own', async (_, answer, kind) => {
    const id = await world.onboard('order-1');
    const daemon = strict(answer);
    expect(await replaceMethod(daemon, id, asBefore)).toMatchObject({ kind });
    expect(await replaceMethod(daemon, id, asBefore)).toMatchObject({ kind: 'opened' });
    expect(await numbersOf(id)).toEqual([1, 3]);
  });

  test('although the process died before it had stored the session', async () => {
    const id = await world.onboard('order-1');
    const dying = async (request: SessionRequest): Promise<Answer<Session>> => {
      await gateway.openSession(request);
      throw new Error('The process died here.');
    };
    const daemon = strict(dying);
    await expect(replaceMethod(daemon, id, asBefore)).rejects.toThrow('died');
    expect(await replaceMethod(daemon, id, asBefore)).toMatchObject({ kind: 'opened' });
  });

  test('at the first call, where Xendit knows numbers that the books have lost', async () => {
    const id = await world.onboard('order-1');
    const daemon = strict();
    for (const _ of [2, 3]) await replaceMethod(daemon, id, asBefore);
    await world.ask(sql`delete from onboardings where number > 1`);
    await world.ask(sql`update subscriptions set session_number = 1`);
    expect(await replaceMethod(daemon, id, asBefore)).toMatchObject({ kind: 'opened' });
    expect(await numbersOf(id)).toEqual([1, 4]);
  });

  test('at the first call, for a subscription whose numbers an older version did not write down', async () => {
    const id = await world.onboard('order-1');
    for (const _ of [2, 3]) await replaceMethod(ctx, id, asBefore);
    await world.ask(sql`update subscriptions set session_number = 1`);
    expect(await replaceMethod(ctx, id, asBefore)).toMatchObject({ kind: 'opened' });
    expect(await numbersOf(id)).toEqual([1, 2, 3, 4]);
  });

  test('but a refusal for another reason is not tried under other numbers', async () => {
    const id = await world.onboard('order-1');
    let calls = 0;
    const refusing: OpenSession = async () => {
      calls += 1;
      return await refusedWith(400, 'INVALID_PAYMENT_CHANNEL')();
    };
    await replaceMethod(answering(ctx, { openSession: refusing }), id, asBefore);
    expect(calls).toBe(1);
  });

  test('by two at once: two numbers, and the link that is shown is the one that is open', async () => {
    const id = await world.onboard('order-1');
    const daemon = strict();
    const both = await Promise.all([1, 2].map(() => replaceMethod(daemon, id, asBefore)));
    expect(both).toMatchObject([{ kind: 'opened' }, { kind: 'opened' }]);
    expect(await numbersOf(id)).toEqual([1, 2, 3]);
    const open = [...gateway.sessions.values()].filter(({ status }) => status === 'active');
    expect(open.map(({ sessionId }) => sessionId)).toEqual([await sessionOf(id)]);
  });
});

describe('creating a subscription works again', () => {
  test('although the answer was lost and Xendit knows the customer since', async () => {
    const customers = new Set<string>();
    let answers = 0;
    const daemon = strict();
    const openSession: OpenSession = async (request) => {
      const { customer } = request;
      if ('id' in customer) return await daemon.gateway.openSession(request);
      if (customers.has(customer.referenceId)) return await refusedWith(409, 'DUPLICATE_ERROR')();
      customers.add(customer.referenceId);
      await daemon.gateway.openSession(request);
      answers += 1;
      return silent;
    };
    const xendit = { ...daemon, gateway: { ...daemon.gateway, openSession } };
    expect(await createSubscription(xendit, createInput('order-1'))).toMatchObject({ kind: 'unavailable' });
    expect(await createSubscription(xendit, createInput('order-1'))).toMatchObject({ kind: 'created' });
    expect(answers).toBe(1);
  });

  test('with a number for each session that was asked for: the next replacement has another one', async () => {
    const daemon = strict(refusedWith(409, 'DUPLICATE_ERROR'));
    const made = await createSubscription(daemon, createInput('order-1'));
    const id = 'dossier' in made ? made.dossier.subscription.id : '';
    expect(await numbersOf(id)).toEqual([2]);
    expect(await replaceMethod(daemon, id, asBefore)).toMatchObject({ kind: 'opened' });
    expect(await numbersOf(id)).toEqual([2, 3]);
  });
});

describe('of several links', () => {
  test('the newest that the customer used decides, whichever of two is heard of last', async () => {
    const id = await world.onboard('order-1');
    const daemon = deaf();
    const links: string[] = [];
    for (const minute of ['10', '20']) {
      world.moveTo(`2026-01-31T03:${minute}:00Z`);
      await replaceMethod(daemon, id, asBefore);
      links.push(await sessionOf(id));
    }
    gateway.completes(links[0] ?? '', { label: 'older' });
    world.moveTo('2026-01-31T03:25:00Z');
    const newer = await world.saveMethod(id, { label: 'newer' });
    // The webhook of the older one was lost: it is found by asking.
    world.moveTo('2026-01-31T03:40:00Z');
    await checkOnboardings(ctx);
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ token: { label: 'newer' } });
    expect(gateway.sent.map(({ tokenId }) => tokenId)).toEqual([newer]);
    expect((await world.told(id)).filter((kind) => kind === 'token.saved')).toHaveLength(3);
    const open = await world.ask(sql`select session_id from onboardings where status = 'active'`);
    expect(open).toEqual([]);
  });

  test('the older one is charged where the method of the newer one had ended before it could be linked', async () => {
    const id = await world.onboard('order-1');
    const daemon = deaf();
    const links: string[] = [];
    for (const _ of ['older', 'newer']) {
      await replaceMethod(daemon, id, asBefore);
      links.push(await sessionOf(id));
    }
    gateway.completes(links[1] ?? '', { label: 'newer', status: 'expired' });
    world.moveTo('2026-01-31T02:06:00Z');
    await checkOnboardings(daemon);
    gateway.completes(links[0] ?? '', { label: 'older' });
    await world.liveUntil('2026-01-31T02:20:00Z');
    expect(await world.subscription(id)).toMatchObject({ token: { label: 'older' } });
  });

  test('the older one that the customer used is charged while the newer one is not used', async () => {
    const id = await world.onboard('order-1');
    await replaceMethod(ctx, id, asBefore);
    const older = await sessionOf(id);
    gateway.completes(older, { label: 'older' });
    await replaceMethod(ctx, id, asBefore);
    expect(await world.subscription(id)).toMatchObject({ token: { label: 'older' } });
  });

  test('the open one is canceled at Xendit when a newer one is there, and not before', async () => {
    const id = await world.create('order-1');
    const first = await sessionOf(id);
    let during: string | undefined;
    const daemon = strict(async (request) => {
      during = gateway.sessions.get(first)?.status;
      return await gateway.openSession(request);
    });
    await replaceMethod(daemon, id, asBefore);
    expect(during).toBe('active');
    expect(gateway.sessions.get(first)).toMatchObject({ status: 'canceled' });
    const rows = await world.ask(sql`select status from onboardings order by number`);
    expect(rows).toEqual([{ status: 'canceled' }, { status: 'active' }]);
  });

  test('the open one stays when Xendit opens no other', async () => {
    const id = await world.create('order-1');
    await replaceMethod(strict(refusedWith(400, 'INVALID_URL')), id, asBefore);
    expect(gateway.sessions.get(await sessionOf(id))).toMatchObject({ status: 'active' });
  });

  test.each([
    ['Xendit did not answer', async (id: string) => void (await replaceMethod(deaf(), id, asBefore))],
    [
      'the process died after the newer one was stored',
      async (id: string) => {
        const dying = answering(ctx, { cancelSession: () => Promise.reject(new Error('died')) });
        await expect(replaceMethod(dying, id, asBefore)).rejects.toThrow('died');
      },
    ],
  ])('one that was not closed because %s is closed when it is asked about', async (_, replace) => {
    const id = await world.create('order-1');
    const first = await sessionOf(id);
    await replace(id);
    expect(gateway.sessions.get(first)).toMatchObject({ status: 'active' });
    await world.liveUntil('2026-01-31T02:06:00Z');
    expect(gateway.sessions.get(first)).toMatchObject({ status: 'canceled' });
    expect(gateway.sessions.get(await sessionOf(id))).toMatchObject({ status: 'active' });
  });

  test('one that is open when dunning cancels its subscription is closed too', async () => {
    const id = await world.onboard('order-1', 'three');
    await replaceMethod(ctx, id, asBefore);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-03-31T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', onboarding: { status: 'canceled' } });
    expect(gateway.sessions.get(await sessionOf(id))).toMatchObject({ status: 'canceled' });
  });
});

/** A daemon whose cancellations Xendit does not answer. */
function deaf(): AccountContext {
  return answering(ctx, { cancelSession: async () => silent });
}

describe('a customer whom no session has named yet', () => {
  const nameless: OpenSession = async (request) => {
    const answer = await gateway.openSession(request);
    if (answer.kind !== 'ok') return answer;
    const session = { ...answer.value, customerId: null };
    gateway.sessions.set(session.sessionId, session);
    return { kind: 'ok', value: session };
  };
  const xendit = () => answering(ctx, { openSession: nameless });

  test('is named by the method that is saved', async () => {
    const made = await createSubscription(xendit(), createInput('order-1'));
    const id = 'dossier' in made ? made.dossier.subscription.id : '';
    expect((await world.subscription(id)).customer).toMatchObject({ xendit_customer_id: null });
    await world.saveMethod(id, { customerId: 'cust-siti' });
    expect((await world.subscription(id)).customer).toMatchObject({ xendit_customer_id: 'cust-siti' });
  });

  test('is looked up by our reference when a method is replaced', async () => {
    const made = await createSubscription(xendit(), createInput('order-1'));
    const id = 'dossier' in made ? made.dossier.subscription.id : '';
    expect(await replaceMethod(ctx, id, asBefore)).toMatchObject({ kind: 'opened' });
    expect((await world.subscription(id)).customer).toMatchObject({ xendit_customer_id: 'cust-of-customer-order-1' });
  });

  test('and whom Xendit does not know at all is told of in words', async () => {
    const made = await createSubscription(xendit(), createInput('order-1'));
    const id = 'dossier' in made ? made.dossier.subscription.id : '';
    const empty = {
      ...ctx,
      gateway: { ...gateway, customerByReference: async () => ({ kind: 'ok', value: null }) as const },
    };
    expect(await replaceMethod(empty, id, asBefore)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('customer-order-1'),
    });
  });
});

describe('a method is replaced, whatever its subscription is:', () => {
  const replaced = async (id: string, label = 'new'): Promise<string> => {
    expect(await replaceMethod(ctx, id, asBefore)).toMatchObject({ kind: 'opened' });
    return await world.saveMethod(id, { label });
  };

  test('pending', async () => {
    const id = await world.create('order-1');
    await replaced(id);
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { label: 'new' } });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('trialing', async () => {
    const id = await world.onboard('order-1', 'trial');
    const token = await replaced(id);
    expect(await world.subscription(id)).toMatchObject({ status: 'trialing', token: { label: 'new' } });
    await world.liveUntil('2026-02-14T02:00:00Z');
    expect(gateway.sent).toMatchObject([{ tokenId: token }]);
  });

  test('active', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const token = await replaced(id);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(gateway.sent.at(-1)).toMatchObject({ tokenId: token });
    expect(gateway.payments).toHaveLength(2);
  });

  test('past_due', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('EXPIRED_CARD'));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due' });
    world.moveTo('2026-02-02T02:00:00Z');
    await replaced(id);
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('paused', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('EXPIRED_CARD'), succeeded());
    await world.work();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    world.moveTo('2026-02-02T02:00:00Z');
    await replaced(id);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'paused', token: { label: 'new' } });
    expect(gateway.sent).toHaveLength(1);
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('canceled: a link is refused, and a method that was saved all the same is kept and never charged', async () => {
    const id = await world.onboard('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.work();
    await replaceMethod(ctx, id, asBefore);
    const link = await sessionOf(id);
    await cancelSubscription(deaf(), id, { at: 'now', reason: null, actor: 'product' });
    expect(await replaceMethod(ctx, id, asBefore)).toMatchObject({ kind: 'forbidden' });
    gateway.completes(link, { label: 'too late' });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', onboarding: { status: 'completed' } });
    expect(gateway.sent).toHaveLength(1);
  });

  test('active later than its trial would have ended, and not charged yet: the first charge goes to the new method', async () => {
    const anchorDate = Temporal.PlainDate.from('2026-02-02');
    const id = await world.create('order-1', 'trial', { anchorDate });
    world.moveTo('2026-02-04T02:00:00Z');
    await world.saveMethod(id);
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id, { label: 'new' });
    expect(await world.told(id)).not.toContain('subscription.trialing');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { label: 'new' } });
  });
});
