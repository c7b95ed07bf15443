import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { type Clock, systemClock, virtualClock } from '../infra/clock.ts';
import type { Database } from '../infra/database/db.ts';
import type { Env } from '../infra/environment/env.ts';
import { nearWebhookAddress } from '../infra/environment/own-address.ts';
import { type RunFacts, readFacts } from '../infra/environment/run-file.ts';
import type { Passing } from '../infra/failpoints.ts';
import type { Gateway } from '../infra/gateway/gateway.ts';
import { xenditGateway } from '../infra/gateway/xendit/xendit.ts';
import { leaseOf } from '../infra/lease.ts';
import { readTestClock } from '../infra/tables/control/test-clock.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';

/** More than the heart has under way at once, so that no charge waits for a connection inside its deadline. */
const SOCKETS = 512;

/** One clock for every replica: Postgres' own, or the test clock in it. With a live key the test clock is not followed. */
export function clockOf(env: Env, db: Database): Clock {
  return env.clock === 'virtual' && env.xendit?.mode !== 'live' ? virtualClock(db) : systemClock(db);
}

export type Xendit = {
  readonly gateway: Gateway;
  readonly webhookTokens: readonly string[];
  readonly sandbox: OwnSandbox | null;
  readonly clockMoved: Context['clockMoved'];
};

/** The stand-in inside this process, and since when it remembers anything. */
type OwnSandbox = { readonly url: string; readonly secretKey: string; readonly since: Temporal.Instant };

/** What the commands beside the daemon need to reach the stand-in. */
export function factsOf(sandbox: OwnSandbox | null): Pick<RunFacts, 'sandboxUrl' | 'sandboxKey' | 'sandboxSince'> {
  return {
    sandboxUrl: sandbox?.url ?? null,
    sandboxKey: sandbox?.secretKey ?? null,
    sandboxSince: sandbox?.since.toString() ?? null,
  };
}

/** Xendit, or with no key a stand-in of our own; what has to be closed is added to `undo`. */
export async function connectXendit(
  env: Env,
  db: Database,
  undo: (() => Promise<void>)[],
  ending: AbortSignal,
  passing: Passing | undefined,
): Promise<Xendit> {
  const settings = {
    ending,
    maxSockets: SOCKETS,
    totalDeadlineMs: leaseOf(env.leaseSeconds).gatewayDeadlineMs,
    onRequestLeft: passing && ((path: string) => path === '/v3/payment_requests' && passing('after-request')),
  };
  if (env.xendit !== null) {
    const gateway = xenditGateway({ url: env.xenditApiUrl, secretKey: env.xendit.secretKey, ...settings });
    undo.push(() => gateway.close());
    return { gateway, webhookTokens: env.xendit.webhookTokens, sandbox: null, clockMoved: async () => undefined };
  }
  const secretKey = `xnd_development_${randomBytes(16).toString('hex')}`;
  // A test clock may stand where the last sandbox took its last payment: of this instant nobody knows which one it was.
  const since = (await clockOf(env, db).now()).add({ milliseconds: 1 });
  const callbackToken = randomBytes(24).toString('hex');
  const sandbox = await sandboxFor(env, db, secretKey, callbackToken);
  undo.push(() => sandbox.close());
  const gateway = xenditGateway({ url: sandbox.url, secretKey, ...settings });
  undo.push(() => gateway.close());
  return {
    gateway,
    webhookTokens: [callbackToken],
    sandbox: { url: sandbox.url, secretKey, since },
    clockMoved: (now) => followClock(env, sandbox, now),
  };
}

/**
 * Two daemons may share a database, but not with a sandbox each: one would charge what was saved at the other, which
 * it does not know. Throws when one that answers lives in the same data directory.
 */
export async function refuseSecondSandbox(env: Env): Promise<void> {
  const near = env.xendit === null ? readFacts(env.dataDir) : null;
  if (near === null || near.sandboxUrl === null) return;
  const answers = await fetch(`${near.sandboxUrl}/_sandbox/clock`)
    .then(({ ok }) => ok)
    .catch(() => false);
  if (!answers) return;
  throw new Error(
    `Another dueday runs in ${env.dataDir} already, on ${near.url}, with a sandbox of its own. ` +
      'Stop it first, or set DUEDAY_DATA_DIR to another directory.',
  );
}

async function sandboxFor(env: Env, db: Database, secretKey: string, callbackToken: string): Promise<Sandbox> {
  const shared = { secretKey, callbackToken, webhookUrl: nearWebhookAddress(env) };
  if (env.clock === 'system') return await startSandbox({ ...shared, clock: 'system' });
  return await startSandbox({ ...shared, clock: 'manual', now: (await readTestClock(db)).now });
}

/** The sandbox lives by the test clock too: what it owes until then (webhooks, expiries) comes first. */
async function followClock(env: Env, sandbox: Sandbox, now: Temporal.Instant): Promise<void> {
  if (env.clock !== 'virtual') return;
  await fetch(`${sandbox.url}/_sandbox/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ now: now.toString() }),
  });
}
