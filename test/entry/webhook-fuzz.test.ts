import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'drizzle-orm';
import pMap from 'p-map';
import { expect, test } from 'vitest';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import type { PaymentTrace } from '../../src/infra/gateway/gateway.ts';
import { paymentEvent, sessionEvent } from '../flows/xendit-events.ts';
import { apiOver, webhookToken } from '../support/api.ts';
import { caseRandom, caseText, fuzzRuns, mutated, pick } from '../support/mutation.ts';
import { declined, type Sent, type Step, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/*
 * Webhooks with the right token and mutated bodies, through HTTP, inbox and processing, on real Postgres. Nothing may
 * crash, stay lying about, or move what it should not. FUZZ=1000000 FUZZ_SEED=2 runs longer and elsewhere.
 */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const BATCH = 1_000;
const world = await testWorld({ at: '2026-01-31T02:00:00Z' });

/**
 * `honest`: asked, Xendit says what we know already. `yes`: it says "paid" to whatever it is asked about, so that only
 * our own comparison stands between a body and the money. `no`: what is paid it calls declined.
 */
type Believer = 'honest' | 'yes' | 'no';
type Target = { readonly sent: Sent; readonly requestId: string | null; readonly believer: Believer };
const targets = new Map<string, Target>();
let openSession = '';

function lookUp({ referenceId, paymentRequestId }: PaymentTrace) {
  const ids = { paymentRequestId, paymentId: 'py-said' };
  switch (targets.get(referenceId)?.believer) {
    case 'yes':
      return { kind: 'found', outcome: { kind: 'succeeded', ...ids } } as const;
    case 'no':
      return { kind: 'found', outcome: declined('CARD_DECLINED', ids) } as const;
    case 'honest':
    case undefined:
      return null;
  }
}

const gateway = {
  ...world.gateway,
  lookUp: async (trace: PaymentTrace) => lookUp(trace) ?? (await world.gateway.lookUp(trace)),
};
const ctx = { ...world.ctx, gateway };
// As many webhooks as a large account has: none is kept waiting for its turn.
const api = await apiOver({ ...ctx, requestsPerMinute: 10_000_000 });

const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
const noMoney = declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-1', paymentId: 'py-1' });
const states: readonly (readonly [Step, string | null, Believer])[] = [
  [noMoney, 'pr-1', 'honest'],
  [{ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null }, 'pr-1', 'honest'],
  [unknown(), null, 'honest'],
  [noMoney, 'pr-1', 'yes'],
  [{ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null }, 'pr-1', 'yes'],
  [unknown(), null, 'yes'],
  [paid, 'pr-1', 'no'],
];

async function prepare(): Promise<void> {
  for (const [index, [answer, requestId, believer]] of [...states, ...states, ...states].entries()) {
    await world.onboard(`order-${index}`, 'monthly', {}, { channelCode: 'OVO', network: null });
    world.gateway.script(answer);
    await world.work();
    const sent = world.gateway.sent.at(-1);
    if (sent === undefined) throw new Error('Nothing was sent.');
    if (typeof answer !== 'function' && believer === 'honest' && answer.kind !== 'unknown')
      world.gateway.finds(sent.referenceId, { kind: 'found', outcome: answer });
    targets.set(sent.referenceId, { sent, requestId, believer });
  }
  await world.create('open-session');
  openSession = [...world.gateway.sessions.keys()].at(-1) ?? '';
}

const fixtures = new URL('../fixtures/xendit/', import.meta.url);
const samples = readdirSync(fixtures)
  .filter((name) => name.startsWith('webhook.') && name.endsWith('.json') && !name.includes('retry'))
  .map((name) => readFileSync(new URL(name, fixtures), 'utf8'));

/** One field that ties a payment to our attempt is somebody else's. */
const LIES = [
  { request_amount: 150_001 },
  { request_amount: 15_000_000 },
  { request_amount: '150000.5' },
  { request_amount: null },
  { currency: 'PHP' },
  { currency: null },
  // As many minor units of another currency.
  { request_amount: 1_500, currency: 'PHP' },
  { payment_request_id: 'pr-2' },
  { payment_request_id: null },
  { reference_id: null },
  { payment_token_id: 'pt-00000000-0000-4000-8000-000000000000' },
] as const;

function goodBody(random: () => number, target: Target): string {
  const { sent } = target;
  const dice = random();
  if (dice < 0.15) return pick(random, samples);
  if (dice < 0.2)
    return JSON.stringify(sessionEvent(openSession, pick(random, ['COMPLETED', 'EXPIRED']), sent.tokenId));
  if (dice < 0.25)
    return JSON.stringify({
      event: 'payment_token.expired',
      data: { payment_token_id: sent.tokenId, status: 'EXPIRED' },
    });
  const lie = target.believer === 'yes' ? pick(random, LIES) : {};
  if (dice < 0.5) {
    const sample = JSON.parse(pick(random, samples)) as { data?: object };
    return JSON.stringify({ ...sample, data: { ...sample.data, ...dataOf(sent), ...lie } });
  }
  return JSON.stringify(paymentEvent(sent, random() < 0.7 ? paid : noMoney, lie));
}

function dataOf(sent: Sent): object {
  return (paymentEvent(sent, paid) as { data: object }).data;
}

/** Whether this body, read by other means than ours, speaks of exactly this attempt. */
function matches(body: Buffer, { sent, requestId }: Target): boolean {
  try {
    const { data } = JSON.parse(body.toString()) as { data: Record<string, unknown> };
    const token = typeof data.payment_token_id === 'string' ? data.payment_token_id.trim() : '';
    return (
      data.reference_id === sent.referenceId &&
      Number(data.request_amount) === 150_000 &&
      String(data.currency).trim() === 'IDR' &&
      (requestId === null || String(data.payment_request_id).trim() === requestId) &&
      (token === sent.tokenId || !/^[\w.:-]{1,255}$/.test(token))
    );
  } catch {
    return false;
  }
}

type Case = { readonly index: number; readonly target: Target; readonly body: Buffer };

/** What happens to tell the truth about an attempt whose gateway confirms everything is rightly believed: left out. */
function made(start: number, count: number, all: readonly Target[]): readonly Case[] {
  const cases = Array.from({ length: count }, (_, offset) => {
    const random = caseRandom(start + offset);
    const target = pick(random, all);
    return { index: start + offset, target, body: mutated(random, goodBody(random, target)) };
  });
  return cases.filter(({ target, body }) => target.believer !== 'yes' || !matches(body, target));
}

type Standing = { readonly ref: string; readonly standing: string };

/** Everything that money hangs on, by attempt. */
async function standings(): Promise<ReadonlyMap<string, string>> {
  const rows = await world.ask<Standing>(sql`select a.reference_id as ref,
      concat_ws(' ', a.outcome, c.status, c.collected, c.overpaid, s.status, s.ledger_seq, t.status) as standing
    from attempts a join charges c on c.bucket = a.bucket and c.id = a.charge_id
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    join tokens t on t.bucket = a.bucket and t.id = a.token_id
    union all select session_id, status from onboardings`);
  return new Map(rows.map((row) => [row.ref, row.standing]));
}

function findFaults(events: readonly string[], codes: readonly number[]): readonly string[] {
  const wrong = codes.filter((code) => ![200, 400, 413].includes(code)).map((code) => `answered ${code}`);
  const broken = ['webhook could not be processed', 'request failed', 'look-up broke'];
  return [...wrong, ...events.filter((event) => broken.includes(event))];
}

/** What does not hold after a batch, with the cases that may be why. */
async function wrongAfter(cases: readonly Case[], codes: readonly number[], before: ReadonlyMap<string, string>) {
  const changed = [...(await standings())].filter(([ref, standing]) => before.get(ref) !== standing);
  const events = world.logged.map((line) => line.event);
  const [{ open } = { open: -1 }] = await world.ask<{ open: number }>(sql`select count(*)::int as open from inbox
    where status = 'received' and note is distinct from 'Xendit did not confirm it yet' and note not like '%at Xendit' and note not like '%less than a minute ago'`);
  const faults = [...findFaults(events, codes), ...(open === 0 ? [] : [`${open} lie about`])];
  if (changed.length === 0 && faults.length === 0) return null;
  const refs = changed.map(([ref]) => ref);
  const suspects = cases.filter(({ body, target }) =>
    refs.some((ref) => ref === target.sent.referenceId || body.includes(ref)),
  );
  const told = (refs.length === 0 ? cases : suspects).slice(0, 20).map(({ index, body }) => caseText(index, body));
  return `${JSON.stringify({ changed, faults })}\n${told.join('\n')}`;
}

test(`${fuzzRuns} mutated webhooks crash nothing and move nothing`, { timeout: 120_000 + 10 * fuzzRuns }, async () => {
  await prepare();
  const all = [...targets.values()];
  const before = await standings();
  expect(before.size).toBe(2 * targets.size + 1);
  let stored = 0;
  let heap = 0;
  for (let start = 0; start < fuzzRuns; start += BATCH) {
    const cases = made(start, Math.min(BATCH, fuzzRuns - start), all);
    const codes = await pMap(cases, ({ body }) => deliver(body), { concurrency: 16 });
    await processWebhooks(ctx);
    const wrong = await wrongAfter(cases, codes, before);
    if (wrong !== null) expect.fail(wrong);
    stored += codes.filter((code) => code === 200).length;
    await world.ask(sql`truncate inbox`);
    (world.logged as unknown[]).length = 0;
    collectGarbage();
    if (start === 0) heap = process.memoryUsage().heapUsed;
  }
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(16 * 1024 * 1024);
  expect(stored).toBeGreaterThan(fuzzRuns / 2);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

// Or the above would hold for a daemon that follows no webhook.
test('and the same webhooks, whole, pay what Xendit confirms', async () => {
  const all = [...targets.values()];
  for (const { sent } of all) await deliver(Buffer.from(JSON.stringify(paymentEvent(sent, paid))));
  await processWebhooks(ctx);
  const last = await standings();
  const isPaid = (ref: string) => / paid 150000 0 /.test(last.get(ref) ?? '');
  for (const { sent, believer } of all)
    expect([believer, isPaid(sent.referenceId)]).toEqual([believer, believer !== 'honest']);
});

async function deliver(body: Buffer): Promise<number> {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/webhooks/xendit',
    headers: { 'x-callback-token': webhookToken, 'content-type': 'application/json' },
    payload: body,
  });
  return answer.statusCode;
}
