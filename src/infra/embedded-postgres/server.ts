import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { cannotRun } from './cluster.ts';
import type { Home } from './home.ts';
import { pidFile } from './pid-file.ts';
import { asUser, childEnvironment } from './user.ts';

/** A server that this process started. */
export type Server = {
  readonly pid: number;
  /** Whether it is gone, whoever stopped it. */
  readonly ended: () => boolean;
  /** The last lines it wrote to its log. */
  readonly words: () => string;
  readonly stop: () => Promise<void>;
};

const WATCH = `cat >/dev/null
for try in 1 2 3 4 5; do
  if read -r held <"$1" && [ "$held" = "$2" ]; then kill -INT "$2"; exit; fi
  sleep 1
done`;
const GUARD_AGAIN_MS = 1_000;
const LOG_MAX_BYTES = 1_000_000;
const FAST_STOP_MS = 10_000;
const IMMEDIATE_STOP_MS = 5_000;

/** Starts Postgres on the home's cluster; it takes connections some moments later. Throws when it cannot be run. */
export async function spawnServer(
  binaries: Binaries,
  home: Home,
  settings: Readonly<Record<string, string>>,
): Promise<Server> {
  const log = openLog(home);
  const from = fstatSync(log).size;
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', home.cluster, ...options], {
    ...asUser(home.user),
    cwd: '/',
    env: childEnvironment(),
    // A session of its own: a Ctrl-C in the terminal must reach us first, and Postgres only when we are done with it.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = await started(child, binaries.postgres);
  child.unref();
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const guarded = guard(home, pid, ended);
  const words = () => readFileSync(logFile(home)).subarray(from).toString().trim().split('\n').slice(-8).join('\n');
  return { pid, ended, words, stop: () => stop(child, guarded) };
}

export function logFile(home: Home): string {
  return join(home.directory, 'postgres.log');
}

function openLog(home: Home): number {
  const large = (statSync(logFile(home), { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES;
  return openSync(logFile(home), large ? 'w' : 'a', 0o600);
}

async function started(child: ChildProcess, program: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(cannotRun(program, error.message))));
  });
  return child.pid ?? Number.NaN;
}

type Guard = { dismiss(): void };

/**
 * A shell that reads from us until we are gone, however we went, and then stops Postgres. It looks first whether the
 * data directory is held by that very process, since numbers of processes are used again; and more than once, since
 * we may go before Postgres has written down that it holds it. A shell that somebody killed is followed by another.
 */
function guard(home: Home, pid: number, ended: () => boolean): Guard {
  let dismissed = false;
  const watchdog = spawn('/bin/sh', ['-c', WATCH, 'sh', pidFile(home.cluster), String(pid)], {
    ...asUser(home.user),
    cwd: '/',
    env: childEnvironment(),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  let next: Guard | null = null;
  watchdog.once('error', () => undefined);
  watchdog.once('exit', () => {
    setTimeout(() => {
      if (!dismissed && !ended()) next = guard(home, pid, ended);
    }, GUARD_AGAIN_MS).unref();
  });
  watchdog.unref();
  (watchdog.stdin as Socket | null)?.unref();
  return {
    dismiss() {
      dismissed = true;
      watchdog.kill('SIGKILL');
      watchdog.stdin?.destroy();
      next?.dismiss();
    },
  };
}

/** SIGINT ends sessions and writes a checkpoint; one that does not obey is ended harder, and recovers at its next start. */
async function stop(child: ChildProcess, guarded: Guard): Promise<void> {
  const steps: readonly (readonly [NodeJS.Signals, number])[] = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ];
  for (const [signal, patience] of steps) {
    if (await gone(child, () => child.kill(signal), patience)) break;
  }
  guarded.dismiss();
}

async function gone(child: ChildProcess, act: () => void, patience: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const exit = new Promise<true>((resolve) => {
    child.once('exit', () => resolve(true));
  });
  const enough = new AbortController();
  act();
  const left = await Promise.race([exit, pause(patience, false, { signal: enough.signal }).catch(() => false)]);
  enough.abort();
  return left;
}
