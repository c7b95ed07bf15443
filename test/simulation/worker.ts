import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Catalog } from '../../src/domain/plan.ts';
import { readCatalog } from '../../src/infra/config/catalog-file.ts';
import { storeCatalog } from '../../src/infra/postgres/catalog-versions.ts';
import { type House, openHouse } from './house.ts';
import { simulate } from './seed.ts';

export type WorkerData = { readonly url: string; readonly tail: number };

/** A thread that lives seeds, one after the other, in a database of its own; `url` is that of a fresh clone. */
const { url, tail } = workerData as WorkerData;
const house = await openHouse(url);
const catalog = await catalogIn(house);

parentPort?.on('message', (seed: number | 'end') => void (seed === 'end' ? end() : live(seed)));
parentPort?.postMessage('ready');

async function live(seed: number): Promise<void> {
  parentPort?.postMessage(await simulate(seed, house, catalog, tail));
}

async function end(): Promise<void> {
  await house.close();
  parentPort?.close();
}

async function catalogIn({ db }: House): Promise<Catalog> {
  const source = readFileSync(new URL('./catalog.yaml', import.meta.url), 'utf8');
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const version = await storeCatalog(db, read.catalog.digest, source, Temporal.Instant.fromEpochMilliseconds(0));
  return { ...read.catalog, version };
}
