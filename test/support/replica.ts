import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

/** Waits for a condition, with more patience than for an answer: several processes start at once here. */
export async function patiently<T>(look: () => Promise<T> | T): Promise<T> {
  return await vi.waitFor(look, { timeout: 60_000, interval: 50 });
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Starts are most of what a crash test costs, and compiling is a third of a start. */
const compiled = { NODE_COMPILE_CACHE: join(tmpdir(), 'dueday-test-compiled') };

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** `dueday start` as a process that can be paused, resumed, told to end and killed. */
export type Replica = {
  readonly url: string;
  readonly process: ChildProcess;
  /** All that it wrote, on both outputs. */
  readonly said: () => string;
  readonly exit: Promise<Exit>;
  /** Resolves when it may be sent requests; throws when it ends instead. */
  ready(): Promise<void>;
  /** Resolves when it stands still, by its own doing or by this. */
  paused(): Promise<void>;
  pause(): Promise<void>;
  resume(): void;
  end(signal: NodeJS.Signals): Promise<Exit>;
};

/** Starts a replica. Whoever starts it ends it. `nodeOptions` come before the program: `--import`, for one. */
export function startReplica(
  variables: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Replica {
  const env = { PATH: process.env.PATH ?? '', ...compiled, ...variables };
  const child = spawn(process.execPath, [...nodeOptions, main, 'start', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<Exit>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const url = `http://127.0.0.1:${variables.PORT}`;
  const paused = () => patiently(() => mustBe(stateOf(child.pid) === 'T', 'not paused'));
  return {
    url,
    process: child,
    said: () => said,
    exit,
    paused,
    async ready() {
      await patiently(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        // Somebody else may answer at an address that this one did not get.
        mustBe(said.includes(`"url": "${url}"`), 'not listening');
        mustBe((await fetch(`${url}/health/ready`)).ok, 'not ready');
      });
      mustBe(child.exitCode === null && child.signalCode === null, `The daemon ended: ${said}`);
    },
    async pause() {
      child.kill('SIGSTOP');
      await paused();
    },
    resume: () => void child.kill('SIGCONT'),
    async end(signal) {
      child.kill(signal);
      // Whoever is paused hears of nothing but SIGKILL.
      child.kill('SIGCONT');
      return await exit;
    },
  };
}

/** The letter that Linux gives a process: R, S, D, T (stopped), Z; '' when there is none. */
function stateOf(pid: number | undefined): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

function mustBe(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
