import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import { checkOnboardings } from '../../src/flows/onboarding/check-onboardings.ts';
import { endOnboarding } from '../../src/flows/onboarding/end-onboarding.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { type ReplaceInput, replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { reserve } from '../../src/infra/tables/control/pace.ts';
import { onboardingsOf } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { createInput } from '../support/create-input.ts';
import { testWorld } from '../support/world.ts';
import { sessionEvent } from './xendit-events.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

type Session = typeof gateway.session;
const asBefore: ReplaceInput = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const sessionOf = async (id: string): Promise<string> => (await world.subscription(id)).onboarding?.session_id ?? '';
const findings = async () => await openFindings(ctx.db, ctx.buckets, null, 10);
const logged = (event: string) => world.logged.filter((line) => line.event === event);

/** A daemon whose looks at sessions are answered by this. */
const looking = (session: Session, more: Partial<AccountContext> = {}): AccountContext => ({
  ...ctx,
  ...more,
  gateway: { ...gateway, session },
});

/** As many open links as that, all to be looked at. */
async function openLinks(count: number): Promise<void> {
  const id = await world.create('order-1');
  await world.ask(sql`insert into onboardings select (jsonb_populate_record(o, jsonb_build_object('number', n,
      'session_id', 'ps-' || n, 'reference_id', 'r' || n))).*
    from onboardings o, generate_series(2, ${count}::int) n where o.subscription_id = ${id}::uuid`);
  world.moveTo('2026-01-31T02:06:00Z');
}

describe('open links', () => {
  test('are asked about in half of the pace, and the other half opens links for those who wait at the API', async () => {
    await openLinks(200);
    let calls = 0;
    const session: Session = async (sessionId) => {
      calls += 1;
      return await gateway.session(sessionId);
    };
    const paced = looking(session, { requestsPerMinute: 60 });
    await checkOnboardings(paced);
    await checkOnboardings(paced);
    // One turn went into closing the link that a newer one had replaced.
    expect(calls).toBe(29);
    expect(await createSubscription(paced, createInput('order-2', 'monthly'))).toMatchObject({ kind: 'created' });
  });

  test('are asked about once, by however many replicas', async () => {
    await openLinks(40);
    const asked: string[] = [];
    const session: Session = async (sessionId) => {
      asked.push(sessionId);
      return { kind: 'silent', detail: 'no answer' };
    };
    const replicas = [ctx, world.another(), world.another()];
    await Promise.all(replicas.map((replica) => checkOnboardings({ ...looking(session), db: replica.db })));
    expect(asked).toHaveLength(40);
    expect(new Set(asked).size).toBe(40);
  });

  test('that hang at Xendit are asked about side by side, with a sign of life between', async () => {
    await openLinks(64);
    let [inside, most, signs] = [0, 0, 0];
    const session: Session = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
      return { kind: 'silent', detail: 'no whole answer within 30000 ms' };
    };
    const now = async () => {
      signs += 1;
      return world.now();
    };
    await checkOnboardings(looking(session, { clock: { kind: 'system', now } }));
    // Sixteen at once, each of which may take half a minute: four times no sign for half a minute, never for five.
    expect(most).toBe(16);
    expect(signs).toBeGreaterThanOrEqual(4);
  });

  test('are asked about less and less often while Xendit says nothing, and a person is told once of each', async () => {
    const id = await world.create('order-1');
    let calls = 0;
    const session: Session = async () => {
      calls += 1;
      return { kind: 'silent', detail: 'no answer' };
    };
    const daemon = looking(session);
    await world.liveUntil('2026-02-01T02:00:00Z', daemon);
    expect(calls).toBeLessThanOrEqual(10);
    expect(logged('session is in doubt')).toHaveLength(1);
    await world.liveUntil('2026-03-31T02:00:00Z', daemon);
    expect(calls).toBeLessThanOrEqual(62);
    expect(await world.subscription(id)).toMatchObject({
      status: 'pending',
      onboarding: { status: 'expired', why: expect.stringContaining('Xendit does not show the session') },
    });
    expect(logged('session ended without a method')).toMatchObject([{ level: 'error' }]);
    expect(await findings()).toMatchObject([{ kind: 'unlinked_session', subscriptionId: id }]);
  });

  test('that Xendit never closes are given up in the end', async () => {
    const id = await world.create('order-1');
    let calls = 0;
    const session: Session = async (sessionId) => {
      calls += 1;
      return await gateway.session(sessionId);
    };
    await world.liveUntil('2026-04-30T02:00:00Z', looking(session));
    expect(await world.subscription(id)).toMatchObject({ onboarding: { status: 'expired', why: expect.any(String) } });
    expect(calls).toBeLessThan(200);
  });

  test('that end without a method leave one line that says what to do', async () => {
    const id = await world.create('order-1');
    gateway.expires(await sessionOf(id));
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ onboarding: { status: 'expired' } });
    expect(logged('subscription waits without a link')).toMatchObject([{ facts: { subscription_id: id } }]);
    expect(await findings()).toEqual([]);
  });
});

describe('a completed session', () => {
  test.each([404, 403])('that answers %i for ever ends with words, a finding, and a way out', async (status) => {
    const id = await world.create('order-1');
    gateway.completes(await sessionOf(id));
    let calls = 0;
    const session: Session = async () => {
      calls += 1;
      return { kind: 'refused', status, code: 'REFUSED', message: 'no', retryAfterSeconds: null };
    };
    await world.liveUntil('2026-03-20T02:00:00Z', looking(session));
    expect(calls).toBeLessThanOrEqual(status === 404 ? 11 : 62);
    expect(await world.subscription(id)).toMatchObject({
      status: 'pending',
      onboarding: { status: 'expired', why: expect.stringContaining(`${status} REFUSED`) },
    });
    expect(await findings()).toMatchObject([{ kind: 'unlinked_session', why: expect.stringContaining('a new link') }]);
    expect(logged('session ended without a method')).toHaveLength(1);
  });

  test('that was given up is linked all the same when Xendit tells of it, and its finding closes', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    const tokenId = gateway.completes(session);
    const refused = { kind: 'refused', status: 404, code: 'X', message: 'no', retryAfterSeconds: null } as const;
    await world.liveUntil(
      '2026-02-03T02:00:00Z',
      looking(async () => refused),
    );
    expect(await world.subscription(id)).toMatchObject({ onboarding: { status: 'expired' } });
    await world.receives(sessionEvent(session, 'COMPLETED', tokenId));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      onboarding: { status: 'completed' },
    });
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await findings()).toHaveLength(1);
    await sweepBooks(ctx);
    expect(await findings()).toEqual([]);
  });

  test.each(['expired', 'failed', 'canceled'] as const)(
    'whose payment method is %s before it is linked is told as that, and is no stranger’s',
    async (status) => {
      const id = await world.create('order-1');
      gateway.completes(await sessionOf(id), { status });
      await world.liveUntil('2026-01-31T02:05:00Z');
      expect(await world.subscription(id)).toMatchObject({
        status: 'pending',
        onboarding: { status: 'completed', why: expect.stringContaining('ended at Xendit before') },
      });
      expect(logged('session completed with a token that is not ours')).toEqual([]);
      expect(await findings()).toMatchObject([{ kind: 'unlinked_session' }]);
      await replaceMethod(ctx, id, asBefore);
      await world.saveMethod(id);
      await world.work();
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    },
  );

  test('of which five hundred webhooks tell is asked about once a minute', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    for (let n = 0; n < 500; n += 1)
      await world.receives({ ...sessionEvent(session, 'COMPLETED', null), locale: `${n}` });
    let calls = 0;
    const asked: Session = async (sessionId) => {
      calls += 1;
      return await gateway.session(sessionId);
    };
    await processWebhooks(looking(asked));
    expect(calls).toBe(1);
    world.moveTo('2026-01-31T02:01:00Z');
    gateway.completes(session);
    await processWebhooks(looking(asked));
    expect(calls).toBe(2);
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });
});

describe('whoever opens a link', () => {
  test('is told how long to wait when no turn is free, and does not wait for it', async () => {
    await reserve(ctx.db, '', 'sessions', 10, 10);
    onTestFinished(() => void world.ask(sql`update pace set at = '{}', permits = '{}'`));
    const sleep = () => Promise.reject(new Error('It waited.'));
    const answer = await createSubscription(
      { ...ctx, requestsPerMinute: 10, sleep },
      createInput('order-1', 'monthly'),
    );
    expect(answer).toMatchObject({ kind: 'unavailable', retryAfterSeconds: expect.any(Number) });
    expect(gateway.sessions.size).toBe(0);
  });

  test('keeps the pace although somebody else was faster: closing the link that nobody gets takes its turn too', async () => {
    onTestFinished(() => void world.ask(sql`update pace set at = '{}', permits = '{}'`));
    let asked = 0;
    const openSession: typeof gateway.openSession = async (request) => {
      asked += 1;
      return await gateway.openSession(request);
    };
    const cancelSession: typeof gateway.cancelSession = async (sessionId) => {
      asked += 1;
      return await gateway.cancelSession(sessionId);
    };
    const counted = { ...gateway, openSession, cancelSession };
    const daemon = { ...ctx, gateway: counted, requestsPerMinute: 10 };
    const made = await Promise.all(Array.from({ length: 8 }, () => createSubscription(daemon, createInput('order-1'))));
    expect(made.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(made.filter(({ kind }) => kind === 'known')).toHaveLength(7);
    expect(asked).toBeLessThanOrEqual(10);
  });
});

test('a session that somebody else has closed is not closed again, and nobody is told twice', async () => {
  const id = await world.create('order-1');
  const bucket = bucketOf(id);
  const end = { as: 'expired', why: null } as const;
  for (const onboarding of await onboardingsOf(ctx.db, bucket, id))
    await endOnboarding(ctx, onboarding, end, world.now());
  for (const onboarding of await onboardingsOf(ctx.db, bucket, id))
    await endOnboarding(ctx, onboarding, end, world.now());
  expect(logged('subscription waits without a link')).toHaveLength(1);
});
