import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { migrate } from '../../src/infra/database/migrate.ts';
import { type EmbeddedPostgres, startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { quickDirectory } from '../support/quick-directory.ts';
import type { Verdict } from './seed.ts';
import type { WorkerData } from './worker.ts';

export type Lives = {
  readonly seeds: readonly number[];
  readonly threads: number;
  /** How many lines of its log each verdict keeps. */
  readonly tail: number;
  /** Called as verdicts come in, in any order; false: no more are begun. */
  readonly onVerdict: (verdict: Verdict) => boolean;
};

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'drizzle');

/** Lives these seeds, several at a time: each thread has a Postgres server to itself, so that seeds do not feel each other. */
export async function runSeeds(lives: Lives): Promise<void> {
  const left = lives.seeds.values();
  let goesOn = true;
  const next = () => (goesOn ? left.next().value : undefined);
  const onVerdict = (verdict: Verdict) => {
    goesOn = lives.onVerdict(verdict) && goesOn;
  };
  const live = () => withServer(({ url }) => thread({ url, tail: lives.tail }, next, onVerdict));
  await Promise.all(Array.from({ length: lives.threads }, live));
}

/**
 * A migrated Postgres of our own that forgets at power loss. A server of its own and no autovacuum: when Postgres clears
 * old rows away depends on every transaction of the server, and where the next ones go decides in which order equal rows come.
 */
async function withServer(use: (server: EmbeddedPostgres) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(quickDirectory(), 'dueday-simulation-'));
  const settings = { autovacuum: 'off' };
  const server = await startEmbedded({ dataDir: directory, durable: false, settings });
  try {
    await migrate(server.url, MIGRATIONS);
    await use(server);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function thread(
  workerData: WorkerData,
  next: () => number | undefined,
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  worker.on('message', (message: Verdict | 'ready') => {
    if (message !== 'ready') onVerdict(message);
    worker.postMessage(next() ?? 'end');
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A thread ended with code ${code}.`))));
  });
}
