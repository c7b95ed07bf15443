import { beforeEach, expect, test } from 'vitest';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { catalogsOf } from '../../src/infra/catalog-file/catalogs.ts';
import { type Database, DatabaseError } from '../../src/infra/database/db.ts';
import { storeCatalog } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, db, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A connection that breaks at its first use, and is there again at the next. */
function brokenOnce(): Database {
  let isBroken = true;
  return {
    ...db,
    get drizzle() {
      if (!isBroken) return db.drizzle;
      isBroken = false;
      throw new DatabaseError('The connection was cut.', 'CONNECTION_CLOSED');
    },
  };
}

/** A daemon that was started with a newer catalog, and knows the older one only from the database. */
async function withNewerCatalog() {
  const source = `${plainCatalog}# newer\n`;
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error('The catalog cannot be read.');
  const version = await storeCatalog(db, read.catalog.digest, source, world.now());
  return { ...ctx, catalog: catalogsOf(brokenOnce(), { ...read.catalog, version }) };
}

test('a connection that broke while an older catalog version was read stops nothing: the next look reads it', async () => {
  const id = await world.onboard('order-1');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.work();
  const daemon = await withNewerCatalog();
  world.moveTo('2026-02-01T02:00:00Z');
  await world.workAs(daemon).catch(() => undefined);
  await world.workAs(daemon);
  expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{}, { outcome: 'succeeded' }] });
});

test('and keeps nobody else from being charged', async () => {
  const waiting = await world.onboard('order-1');
  gateway.script(declined('REQUIRES_ACTION'));
  await world.work();
  const daemon = await withNewerCatalog();
  world.moveTo('2026-02-28T02:00:00Z');
  const other = await world.onboard('order-2');
  await world.workAs(daemon).catch(() => undefined);
  await world.workAs(daemon);
  expect(await world.charge(waiting)).toMatchObject({ status: 'uncollectible' });
  expect(await world.charge(other)).toMatchObject({ status: 'paid' });
});
