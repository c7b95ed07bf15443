import { parentPort, workerData } from 'node:worker_threads';
import { editionsIn } from './editions.ts';
import { openHouse } from './house.ts';
import { simulate } from './seed.ts';

export type WorkerData = { readonly url: string; readonly tail: number };

/** A thread that lives seeds, one after the other, in the database at `url`, which is migrated and empty. */
const { url, tail } = workerData as WorkerData;
const house = await openHouse(url);
const editions = await editionsIn(house.db);

parentPort?.on('message', (seed: number | 'end') => void (seed === 'end' ? end() : live(seed)));
parentPort?.postMessage('ready');

async function live(seed: number): Promise<void> {
  parentPort?.postMessage(await simulate(seed, house, editions, tail));
}

async function end(): Promise<void> {
  await house.close();
  parentPort?.close();
}
