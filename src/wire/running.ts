import manifest from '../../package.json' with { type: 'json' };
import type { Finding } from '../context.ts';
import type { Env } from '../infra/environment/env.ts';
import { type RunFacts, readFacts } from '../infra/environment/run-file.ts';

/** A daemon that does not answer for so long is told as one that does not. */
const PATIENCE_MS = 3_000;

/** What a daemon says of itself; null: nobody answers there; 'stranger': somebody else does. */
export type Running = {
  readonly isReady: boolean;
  readonly reason: string | null;
  readonly catalogVersion: number;
  readonly version: string;
};

/** Asks the daemon at this address how it is. */
export async function askDaemon(url: string): Promise<Running | 'stranger' | null> {
  try {
    const [health, description] = await Promise.all([asked(url, '/health/ready'), asked(url, '/openapi.json')]);
    const { status, reason, catalog } = health as Health;
    const { title, version } = (description as Description).info;
    if (title !== 'dueday') return 'stranger';
    return { isReady: status === 'ready', reason, catalogVersion: catalog.version, version };
  } catch (error) {
    // Nobody, who hangs up or keeps silent; anything else is an answer that no daemon of ours gives.
    const isSilent = error instanceof Error && (error.name === 'TimeoutError' || error.message === 'fetch failed');
    return isSilent ? null : 'stranger';
  }
}

type Health = {
  readonly status: string;
  readonly reason: string | null;
  readonly catalog: { readonly version: number };
};
type Description = { readonly info: { readonly title: string; readonly version: string } };

async function asked(url: string, path: string): Promise<unknown> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, { signal, redirect: 'error' });
  return await response.json();
}

/** Whether a daemon runs, and how it is: that none does is no fault, as before the first start. */
export function daemonFinding(url: string, running: Awaited<ReturnType<typeof askDaemon>>): Finding {
  const what = 'daemon';
  if (running === null) return { what, ok: true, detail: `none answers on ${url}: "dueday start" runs one` };
  if (running === 'stranger')
    return { what, ok: false, detail: `what answers on ${url} is not dueday: set PORT or PUBLIC_URL` };
  const { isReady, reason, catalogVersion, version } = running;
  const here = manifest.version === version ? '' : `, and this command is ${manifest.version}: restart it`;
  const how = isReady ? 'ready' : `not ready: ${reason ?? 'it does not say why'}`;
  const detail = `runs on ${url}, version ${version}${here}, with catalog version ${catalogVersion}; ${how}`;
  return { what, ok: isReady && here === '', detail };
}

/** The settings that a daemon beside us lives by, wherever the command was typed; as they are, where none runs. */
export function asItRuns(env: Env, running: Awaited<ReturnType<typeof askDaemon>>): Env {
  const near: RunFacts | null = env.databaseUrl === null && running !== null ? readFacts(env.dataDir) : null;
  return near === null ? env : { ...env, publicUrl: near.url, catalogFile: near.catalogFile ?? env.catalogFile };
}
