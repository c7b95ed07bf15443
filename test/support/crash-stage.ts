import { sql } from 'drizzle-orm';
import { expect, vi } from 'vitest';
import { adminKey } from './api.ts';
import { BOOT, type CrashCase, RESCUE, STATEMENTS, type Statement } from './crash-cases.ts';
import { type CrashHouse, crashHouse, nudge } from './crash-house.ts';
import { client, freePort } from './daemon.ts';
import { type DeafLine, deafLine } from './deaf-line.ts';
import { unsound } from './oracle.ts';
import { patiently, type Replica, startReplica } from './replica.ts';
import { tally } from './tally.ts';

export type CrashStage = {
  /** Plays one case to its end; throws what did not hold. */
  play(one: CrashCase): Promise<void>;
  /** The universal oracle over everything that was played. */
  expectSound(): Promise<void>;
};

/** The subscription of a case. */
type Subject = { readonly id: string; readonly sessionId: string };

/**
 * One replica lives through all cases: the heir. It stands still while the victim of a case works, and goes on with what
 * the victim left. Call it at the top of a test file.
 */
export async function crashStage(): Promise<CrashStage> {
  const house = await crashHouse();
  const port = await freePort();
  return {
    play: (one) => play(house, port, one),
    expectSound: async () => expect(await unsound(house.db, await house.taken())).toEqual([]),
  };
}

async function play(house: CrashHouse, port: number, one: CrashCase): Promise<void> {
  const { office, heir } = house;
  const subject = await prepare(house, one);
  const line = one.fault === 'lost answer' ? await deafLine(house.url) : null;
  await heir.pause();
  const failpoint = line === null ? { DUEDAY_FAILPOINT: `${one.at}:${one.pass}:${one.fault}` } : {};
  const victim = startReplica({ ...house.variables(line?.url ?? house.url, port), ...failpoint });
  try {
    if (!isBoot(one)) {
      await victim.ready();
      line?.losesAnswerTo(STATEMENTS[one.at as Statement]);
      await bringAbout(house, one, subject, victim);
    }
    await meetFate(house, one, victim, line);
    await takeOver(house, one, subject, victim);
    await house.until(() => isAtRest(house, subject));
    await house.pass({ hours: 76 });
    await house.until(() => isAtRest(house, subject));
    await expectOnce(house, one, subject);
    await house.api.post(`/v1/subscriptions/${subject.id}/cancel`, { at: 'now' });
    tally({ crash_cases: 1, [COUNTED[one.fault]]: 1 });
  } finally {
    await victim.end('SIGKILL');
    line?.close();
    heir.resume();
    office.loses(false);
    office.onDuty(null);
  }
}

const COUNTED = { kill: 'kills', stop: 'pauses_past_the_lease', term: 'terminations', 'lost answer': 'lost_answers' };

/** By a victim that is up, and has webhooks to bring it to its end. */
const isMetAtWork = (one: CrashCase) => !isBoot(one) && !isRescue(one);
const isBoot = ({ at }: CrashCase) => BOOT.some((point) => point === at);
const isRescue = ({ at }: CrashCase) => at === 'rescue claim' || RESCUE.some((point) => point === at);

/** A subscription whose first charge will meet this gateway; for a rescue, with an attempt that nobody answered. */
async function prepare(house: CrashHouse, one: CrashCase): Promise<Subject> {
  const { api, office, heir, sandbox } = house;
  await house.clearScripts();
  prepared += 1;
  const wanted = {
    reference_id: `case-${prepared}`,
    plan: 'monthly',
    customer: { reference_id: `customer-${prepared}`, given_names: 'Siti' },
  };
  // The gateway's short deadline may pass on a busy machine: then the same request is sent again.
  const { id, onboarding } = await patiently(() => api.post('/v1/subscriptions', wanted));
  const subject: Subject = { id, sessionId: onboarding.session_id };
  const script = scriptOf(one);
  if (script !== null)
    await sandbox.post('/_sandbox/scenarios', { match: { reference_prefix: `due_${id}_` }, do: script });
  const heard = !isRescue(one) && (one.gateway === 'pays' || one.gateway === 'declines');
  office.loses(!heard);
  if (isRescue(one)) {
    office.onDuty(heir.url);
    await completeSession(house, one, subject);
    await house.until(async () => (await attemptsOf(house, subject)).some(({ outcome }) => outcome !== null));
  }
  office.onDuty(null);
  if (isBoot(one)) await completeSession(house, one, subject);
  return subject;
}
let prepared = 0;

/** What the first request to charge meets; for a rescue whatever leaves it open. Null: it is paid. */
function scriptOf(one: CrashCase): object | null {
  const after_seconds = 0.2;
  switch (one.gateway) {
    case 'pays':
      return isRescue(one) ? { kind: 'pending', then: { status: 'SUCCEEDED', after_seconds } } : null;
    case 'pays in silence':
      return { kind: 'timeout', charged: true };
    case 'declines': {
      const failure_code = 'INSUFFICIENT_BALANCE';
      if (!isRescue(one)) return { kind: 'decline', failure_code };
      return { kind: 'pending', then: { status: 'FAILED', failure_code, after_seconds } };
    }
    case 'never hears of it':
      return { kind: 'timeout', charged: false };
  }
}

async function completeSession({ sandbox }: CrashHouse, one: CrashCase, { sessionId }: Subject): Promise<void> {
  await sandbox.post(`/_sandbox/sessions/${sessionId}/complete`, { channel_code: one.channel });
}

/** The customer saves a method, and all the rest follows; or the time has come to ask about an attempt. */
async function bringAbout(house: CrashHouse, one: CrashCase, subject: Subject, victim: Replica): Promise<void> {
  if (!isRescue(one)) {
    house.office.onDuty(victim.url);
    await completeSession(house, one, subject);
    return;
  }
  const api = client(victim.url, adminKey);
  const { now } = await api.get('/v1/test-clock');
  // The victim may be gone before it answers.
  await api.post('/v1/test-clock', { now: Temporal.Instant.from(now).add({ hours: 6 }).toString() }).catch(() => null);
}

async function meetFate({ office }: CrashHouse, one: CrashCase, victim: Replica, line: DeafLine | null): Promise<void> {
  if (line !== null) return await patiently(() => expect(line.cuts()).toBe(1));
  await patiently(async () => {
    // On a busy machine a webhook may find the victim too slow; Xendit tries again.
    if (isMetAtWork(one)) await office.tryAgain(victim.url);
    expect(victim.said()).toContain(`failpoint ${one.at}:${one.pass}:${one.fault}\n`);
  });
  if (one.fault === 'stop') return await victim.paused();
  const fate = one.fault === 'kill' ? { code: null, signal: 'SIGKILL' } : { code: 0, signal: null };
  expect(await victim.exit).toEqual(fate);
}

async function takeOver(house: CrashHouse, one: CrashCase, subject: Subject, victim: Replica): Promise<void> {
  const { heir, office, db } = house;
  heir.resume();
  office.onDuty(heir.url);
  // The dead hold their leases no longer: that time is not waited for. All others do, and it is.
  if (one.fault === 'kill')
    await db.run(sql`update attempts set lease_until = now() - interval '1 second' where outcome is null`);
  // Who ends in good order leaves nothing that somebody has to ask about: it is finished, or was never sent.
  if (one.fault === 'term') {
    const inFlight = (await attemptsOf(house, subject)).filter(({ outcome }) => outcome === null);
    expect(inFlight).toEqual([]);
  }
  if (one.fault === 'kill' || one.fault === 'term') return;
  if (one.fault === 'stop') {
    await house.until(() => isAtRest(house, subject));
    victim.resume();
  }
  await runsOnceMore(victim);
  expect(await victim.end('SIGTERM')).toEqual({ code: 0, signal: null });
}

/** What the victim was at has come to its end, whatever it was. */
async function runsOnceMore(victim: Replica): Promise<void> {
  const since = Date.now() / 1_000;
  await nudge(victim.url);
  await vi.waitFor(
    async () => {
      const figures: string = await client(victim.url, adminKey).get('/metrics');
      expect(Number(/^dueday_last_run_timestamp_seconds (\S+)$/m.exec(figures)?.[1])).toBeGreaterThan(since);
    },
    { timeout: 60_000, interval: 50 },
  );
}

type AttemptRow = { readonly reference_id: string; readonly outcome: string | null };

async function attemptsOf({ db }: CrashHouse, { id }: Subject): Promise<readonly AttemptRow[]> {
  return await db.run(sql`select a.reference_id, a.outcome from charges c
    join attempts a on a.bucket = c.bucket and a.charge_id = c.id where c.subscription_id = ${id}::uuid`);
}

/** The method is linked, the charge was tried, the clock has arrived, and nobody has an attempt under way. */
async function isAtRest(house: CrashHouse, subject: Subject): Promise<boolean> {
  if ((await house.api.get('/v1/test-clock')).status !== 'ready') return false;
  const attempts = await attemptsOf(house, subject);
  return attempts.length > 0 && attempts.every(({ outcome }) => outcome !== null);
}

/** Collected once; only what cannot be asked twice, and what Xendit never heard of, may be held for a person instead. */
async function expectOnce(house: CrashHouse, one: CrashCase, subject: Subject): Promise<void> {
  const taken = await house.taken();
  const mine = taken.filter(({ referenceId }) => referenceId.startsWith(`due_${subject.id}_`));
  const charges = await house.db.run<{ cycle: number; status: string }>(
    sql`select cycle, status from charges where subscription_id = ${subject.id}::uuid`,
  );
  const held = one.channel === 'DANA' && mine.length === 0;
  expect(charges).toEqual([{ cycle: 0, status: held ? 'held' : 'paid' }]);
  expect(mine).toHaveLength(held ? 0 : 1);
  expect(await unsound(house.db, taken, { chains: [subject.id] })).toEqual([]);
}
