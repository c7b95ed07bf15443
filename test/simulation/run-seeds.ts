import { Worker } from 'node:worker_threads';
import { connection, withDatabase } from '../../src/infra/postgres/connection.ts';
import type { Verdict } from './seed.ts';
import type { WorkerData } from './worker.ts';

export type Lives = {
  /** A server whose user may make databases, and the migrated database that each thread gets a clone of. */
  readonly adminUrl: string;
  readonly template: string;
  readonly seeds: readonly number[];
  readonly threads: number;
  /** How many lines of its log each verdict keeps. */
  readonly tail: number;
  /** Called as verdicts come in, in any order; false: no more are begun. */
  readonly onVerdict: (verdict: Verdict) => boolean;
};

/** Lives these seeds, several at a time: each has a Postgres database to itself, so they do not feel each other. */
export async function runSeeds(lives: Lives): Promise<void> {
  const admin = connection(lives.adminUrl, { max: 1 });
  const left = lives.seeds.values();
  let goesOn = true;
  const next = () => (goesOn ? left.next().value : undefined);
  const onVerdict = (verdict: Verdict) => {
    goesOn = lives.onVerdict(verdict) && goesOn;
  };
  const names = Array.from({ length: lives.threads }, (_, n) => `simulation_${process.pid}_${n}`);
  try {
    // One after the other: a template can be copied by one at a time only.
    for (const name of names) await admin`create database ${admin(name)} template ${admin(lives.template)}`;
    await Promise.all(
      names.map((name) => thread({ url: withDatabase(lives.adminUrl, name), tail: lives.tail }, next, onVerdict)),
    );
  } finally {
    for (const name of names) await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end({ timeout: 5 });
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
