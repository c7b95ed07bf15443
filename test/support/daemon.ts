import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import type { Daemon } from '../../src/context.ts';
import { readEnv } from '../../src/infra/environment/env.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';
import { startDaemon } from '../../src/wire/wire.ts';
import { adminKey } from './api.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));

export const secretKey = 'xnd_development_canary0key0of0the0stories';
export const callbackToken = 'canary-callback-token-of-the-stories';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field, as a client would
export type Json = any; // oxlint-disable-line typescript/no-explicit-any

/** What every daemon of the tests is told; `more` comes on top. */
export function daemonVariables(databaseUrl: string, more: Record<string, string> = {}): Record<string, string> {
  const own = { DATABASE_URL: databaseUrl, CATALOG_FILE: catalog, DUEDAY_API_KEY: adminKey, PORT: '0' };
  return { ...own, LOG_LEVEL: 'error', ...more };
}

/** What a daemon is told that has this stand-in for its Xendit. */
export function xenditVariables(sandbox: Sandbox, port: number): Record<string, string> {
  return {
    PORT: String(port),
    XENDIT_SECRET_KEY: secretKey,
    XENDIT_API_URL: sandbox.url,
    XENDIT_WEBHOOK_TOKEN: callbackToken,
    XENDIT_REQUESTS_PER_MINUTE: '100000',
  };
}

/** A daemon inside this process, stopped after the test. */
export async function daemon(variables: Record<string, string>): Promise<Daemon> {
  const started = await startDaemon(readEnv(variables));
  let stopped: Promise<boolean> | undefined;
  const stop = () => (stopped ??= started.stop());
  onTestFinished(async () => void (await stop()));
  return { ...started, stop };
}

/** A stand-in for Xendit outside of any daemon, so that it outlives them. */
export async function sandboxFor(port: number, more: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const webhookUrl = `http://127.0.0.1:${port}/webhooks/xendit`;
  const sandbox = await startSandbox({ secretKey, callbackToken, webhookUrl, clock: 'system', ...more });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export type Child = {
  readonly process: ChildProcess;
  /** All that it wrote, on both outputs. */
  readonly said: () => string;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

/** `dueday start` in a process of its own; resolves when it answers. */
export async function childDaemon(variables: Record<string, string>): Promise<Child> {
  const env = { PATH: process.env.PATH ?? '', ...variables };
  const child = spawn(process.execPath, [main, 'start', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<Awaited<Child['exit']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const url = `http://127.0.0.1:${variables.PORT}/health/ready`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`The daemon ended: ${said}`);
    if (!(await fetch(url)).ok) throw new Error('not ready');
  });
  return { process: child, said: () => said, exit };
}

const given = new Set<number>();

/**
 * A port that nobody listens on, for a daemon that is started later. Below those that systems give to outgoing
 * connections, one of which could have taken it by then; and never the same one twice.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_000);
  if (given.has(port)) return await freePort();
  given.add(port);
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return await freePort();
  }
  await server[Symbol.asyncDispose]();
  return port;
}

/** Waits for a condition, not for a time. */
export async function eventually<T>(look: () => Promise<T> | T): Promise<T> {
  return await vi.waitFor(look, { timeout: 20_000, interval: 15 });
}

export type Client = {
  get(path: string): Promise<Json>;
  post(path: string, body?: unknown): Promise<Json>;
};

/** Asks over HTTP; an answer that is a fault is thrown with what it says. */
export function client(url: string, key?: string): Client {
  const ask = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return answer.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : text;
  };
  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body) };
}
