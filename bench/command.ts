import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverCpu } from './server-cpu.ts';
import type { Stage } from './stage.ts';

const dueday = join(import.meta.dirname, '..', 'bin', 'dueday.js');

export type CommandRun = {
  readonly stdout: string;
  readonly seconds: number;
  /** How long it took, what both sides worked for it, and what the command needed of memory at most. */
  readonly words: string;
};

/** A command in a process of its own, as a person starts it, against the stage's database. What it says on stderr is shown. */
export function runCommand({ directory, gateway }: Stage, ...words: readonly string[]): CommandRun {
  const env = {
    ...process.env,
    DUEDAY_DATA_DIR: directory,
    CATALOG_FILE: join(directory, 'catalog.yaml'),
    XENDIT_SECRET_KEY: 'xnd_development_bench',
    XENDIT_WEBHOOK_TOKEN: 'bench',
    XENDIT_API_URL: gateway.url,
    BENCH_USAGE: join(directory, 'usage.json'),
  };
  const [started, server] = [performance.now(), serverCpu(directory)];
  const stdout = execFileSync(process.execPath, ['--import', preload, dueday, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - started) / 1_000;
  const postgres = (serverCpu(directory) - server) / 1_000;
  const { megabytes, cpu } = JSON.parse(readFileSync(env.BENCH_USAGE, 'utf8')) as { megabytes: number; cpu: number };
  return {
    stdout,
    seconds,
    words: `${seconds.toFixed(1)} s; CPU: ${cpu.toFixed(1)} s of the command, ${postgres.toFixed(1)} s of Postgres; at most ${Math.round(megabytes)} MB`,
  };
}

/** Has the process write down what it used when it ends. */
const preload = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs';
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(process.env.BENCH_USAGE, JSON.stringify({ megabytes: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1e6 }));
  });`)}`;
