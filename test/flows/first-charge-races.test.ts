import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { FAILPOINTS, type Failpoint } from '../../src/infra/failpoints.ts';
import { breaches, invariants } from '../../src/infra/tables/books/invariants.ts';
import { captured } from '../support/by-hand.ts';
import { between, type Chance, chance, drawn, oneOf } from '../support/chance.ts';
import { createInput } from '../support/create-input.ts';
import { runs } from '../support/runs.ts';
import type { PaidInSession } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { sessionEvent } from './xendit-events.ts';

const RACES = runs(1_000, 25);
/** Run side by side in one database, since most of a race is waiting for its turn. */
const EACH = 25;
const STEPS = 14;
const PRICE = 150_000;

const start = Temporal.Instant.from('2026-01-31T02:00:00Z');
const world = await testWorld({ at: start.toString() });
const { ctx, gateway } = world;

/** A customer, with what they hold and what they did. */
type Runner = {
  readonly id: string;
  readonly random: Chance;
  /** Links that left the house. */
  readonly links: string[];
  readonly paid: PaidInSession[];
  canceled: boolean;
};

const idsOf = ({ paymentId, paymentRequestId, referenceId }: PaidInSession) => ({
  payment_id: paymentId,
  payment_request_id: paymentRequestId,
  reference_id: referenceId,
});

/** The customer pays, where Xendit's page still lets them: in a session that is open, or in another tab of one that is paid. */
function pays(runner: Runner, sessionId: string): void {
  const { random, paid } = runner;
  const { status, referenceId: of = '' } = gateway.sessions.get(sessionId) ?? {};
  // A link for one that is paid saves a method, and takes no money.
  if (/_s\d+$/.test(of ?? '')) {
    if (status === 'active') gateway.completes(sessionId);
    return;
  }
  const isSecondTab = status === 'completed' && random() < 0.3;
  if (status !== 'active' && !isSecondTab) return;
  const one = gateway.pays(sessionId, random() < 0.8 ? {} : undefined);
  paid.push(one);
  const { referenceId, paymentId, paymentRequestId } = one;
  const amount = { minor: BigInt(PRICE), currency: 'IDR' } as const;
  const entry = {
    transactionId: `txn-${paymentId}`,
    createdAt: world.now(),
    status: 'succeeded',
    written: String(PRICE),
  } as const;
  gateway.booked.push({ ...entry, referenceId, amount, paymentId, paymentRequestId });
}

/** Xendit, while this customer may act in the middle of any of its answers, and an answer may be lost on its way. */
function inTheMiddle(runner: Runner): AccountContext {
  const { random, links } = runner;
  const acts = () => (random() < 0.3 && links.length > 0 ? pays(runner, oneOf(random, links)) : undefined);
  return {
    ...ctx,
    gateway: {
      ...gateway,
      async cancelSession(id) {
        acts();
        const answer = await gateway.cancelSession(id);
        return random() < 0.15 ? { kind: 'silent', detail: 'lost' } : answer;
      },
      async openPaySession(body, customer) {
        acts();
        if (random() < 0.1) gateway.offerSays({ kind: 'silent', detail: 'lost' }, true);
        return await gateway.openPaySession(body, customer);
      },
    },
  };
}

const acts: Readonly<Record<string, (runner: Runner) => Promise<unknown>>> = {
  async pay(runner) {
    pays(runner, oneOf(runner.random, runner.links));
  },
  async tellSession({ random, links }) {
    const session = gateway.sessions.get(oneOf(random, links));
    if (session?.status === 'completed' || session?.status === 'expired')
      await world.receives(
        sessionEvent(session.sessionId, session.status === 'completed' ? 'COMPLETED' : 'EXPIRED', session.tokenId),
      );
  },
  async tellPayment({ random, paid }) {
    if (paid.length > 0) await world.receives(captured(idsOf(oneOf(random, paid))));
  },
  async tellToken({ random, links }) {
    const tokenId = gateway.sessions.get(oneOf(random, links))?.tokenId ?? 'pt-nobody-knows';
    await world.receives({ event: 'payment_token.activation', data: { payment_token_id: tokenId, status: 'ACTIVE' } });
  },
  async expire({ random, links }) {
    const id = oneOf(random, links);
    if (gateway.sessions.get(id)?.status === 'active') gateway.expires(id);
  },
  async another(runner) {
    const opened = await replaceMethod(inTheMiddle(runner), runner.id, {
      returnUrls: { success: null, cancel: null },
      allowedChannels: null,
      locale: null,
    });
    const link = (await world.subscription(runner.id)).onboarding?.session_id;
    if (opened.kind === 'opened' && link !== undefined) runner.links.push(link);
  },
  async cancel(runner) {
    runner.canceled = true;
    await cancelSubscription(inTheMiddle(runner), runner.id, { at: 'now', reason: null, actor: 'product' });
  },
  wait: async () => undefined,
};

const weights = [
  [6, 'pay'],
  [4, 'tellSession'],
  [4, 'tellPayment'],
  [2, 'tellToken'],
  [2, 'expire'],
  [4, 'another'],
  [1.5, 'cancel'],
  [6, 'wait'],
] as const;

async function begins(seed: number): Promise<Runner> {
  const created = await createSubscription(ctx, createInput(`race-${seed}`, 'monthly', { firstCharge: 'in_session' }));
  if (created.kind !== 'created') throw new Error(JSON.stringify(created));
  const { id } = created.dossier.subscription;
  const link = (await world.subscription(id)).onboarding?.session_id ?? '';
  return { id, random: chance(seed), links: [link], paid: [], canceled: false };
}

/** A daemon that may die at any step, and one that comes after it. */
async function works(random: Chance): Promise<void> {
  const point: Failpoint | null = random() < 0.5 ? oneOf(random, FAILPOINTS) : null;
  let left = between(random, 1, 6);
  const failpoint = (passed: string) => {
    if (passed === point) left -= 1;
    if (passed === point && left === 0) throw new Error('the process dies');
  };
  try {
    await world.workAs({ ...ctx, failpoint });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'the process dies') throw error;
  }
}

async function race(first: number): Promise<readonly Runner[]> {
  await world.startOver(start.toString());
  const runners = await Promise.all(Array.from({ length: EACH }, (_, at) => begins(first + at)));
  const random = chance(first);
  for (let step = 0; step < STEPS; step += 1) {
    for (const runner of runners) await acts[drawn(runner.random, weights)]?.(runner);
    await works(random);
    world.moveTo(
      world
        .now()
        .add({ minutes: oneOf(random, [1, 4, 12]) })
        .toString(),
    );
  }
  // What Xendit tells of money it tells again; of the only payment of a customer it may never tell.
  for (const { paid } of runners)
    if (paid.length > 1) for (const one of paid) await world.receives(captured(idsOf(one)));
  // As long as anything is asked about: sessions that nobody tells of, and Xendit's list after the end of those whose id was lost.
  for (const hours of [0, 0.25, 0.5, 0.5, 1, 1, 2, 6, 24]) {
    world.moveTo(
      world
        .now()
        .add({ minutes: hours * 60 })
        .toString(),
    );
    await world.work();
  }
  return runners;
}

type Standing = { status: string; charge: string; collected: number; overpaid: number; findings: number; sent: number };

async function standing({ id }: Runner): Promise<Standing | undefined> {
  const [row] = await world.ask<Standing>(sql`select s.status, c.status as charge, c.collected::int, c.overpaid::int,
    (select count(*)::int from findings f where f.charge_id = c.id) as findings,
    (select count(*)::int from attempts a where a.charge_id = c.id and a.via = 'token') as sent
    from subscriptions s join charges c on c.bucket = s.bucket and c.subscription_id = s.id where s.id = ${id}::uuid and c.cycle = 0`);
  return row;
}

test(`${RACES} first charges are raced for, and each ends in one payment, or in a finding for each that is too much`, async () => {
  const seen = { paid: 0, twice: 0, late: 0, never: 0 };
  for (let first = 1; first <= RACES; first += EACH) {
    for (const runner of await race(first)) {
      const end = await standing(runner);
      const { paid, canceled } = runner;
      const seed = `seed ${first}, ${runner.id}: ${JSON.stringify({ ...end, paid: paid.length, canceled })}`;
      expect(end?.sent, seed).toBe(0);
      expect((end?.collected ?? 0) + (end?.overpaid ?? 0), seed).toBe(paid.length * PRICE);
      const isCollected = end?.collected === PRICE;
      expect(end?.findings, seed).toBe(paid.length - Number(isCollected));
      if (isCollected) expect(['active', 'canceled'], seed).toContain(end?.status);
      else
        expect([canceled ? 'canceled' : 'pending', canceled ? 'void' : 'due'], seed).toEqual([
          end?.status,
          end?.charge,
        ]);
      if (!canceled && paid.length > 0) expect(isCollected, seed).toBe(true);
      seen.paid += Number(isCollected);
      seen.twice += Number(paid.length > 1);
      seen.late += Number(canceled && paid.length > 0);
      seen.never += Number(paid.length === 0);
    }
    for (const name of Object.keys(invariants) as (keyof typeof invariants)[])
      expect(await breaches(world.db, name, ctx.buckets, 5), `seed ${first}: ${name}`).toMatchObject({ count: 0 });
  }
  // A race that nobody can lose proves nothing.
  expect(Math.min(seen.paid, seen.twice, seen.never)).toBeGreaterThan(RACES / 50);
  expect(seen.late).toBeGreaterThanOrEqual(RACES / 1_000);
}, 1_800_000);
