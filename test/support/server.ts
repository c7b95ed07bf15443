import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { connection, withDatabase } from '../../src/infra/database/connection.ts';
import { migrate } from '../../src/infra/database/migrate.ts';
import { startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { quickDirectory } from './quick-directory.ts';
import { asRole } from './role.ts';

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'drizzle');

type Server = { readonly url: string; readonly stop: () => Promise<void> };

/** One Postgres for the whole run, and in it a migrated database that the test files clone. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await givenServer();
  const template = `dueday_template_${process.pid}_${Date.now()}`;
  const admin = connection(server.url, { max: 1 });
  const teardown = async () => {
    await admin`drop database if exists ${admin(template)} with (force)`;
    await admin.end({ timeout: 5 });
    await server.stop();
  };
  try {
    await admin`create database ${admin(template)} template template0`;
    const url = withDatabase(server.url, template);
    await makeRoles(url);
    await migrate(asRole(url, 'dueday_owner'), MIGRATIONS);
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('postgres', { adminUrl: server.url, template });
  return teardown;
}

/** The roles that we ship, as an admin would make them; the template is then migrated by its owner, who is no superuser. */
async function makeRoles(url: string): Promise<void> {
  const client = connection(url, { max: 1 });
  try {
    await client.unsafe(readFileSync(join(MIGRATIONS, 'roles.sql'), 'utf8'));
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** The server that DATABASE_URL names (its user must be allowed to make databases), or a passing one of our own. */
async function givenServer(): Promise<Server> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() };
  const directory = await mkdtemp(join(quickDirectory(), 'dueday-test-'));
  // When Postgres tidies up, and what it then knows of a table, would depend on how fast the tests are.
  const settings = { max_connections: '300', autovacuum: 'off' };
  const embedded = await startEmbedded({ dataDir: directory, durable: false, settings });
  const stop = async () => {
    await embedded.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url: embedded.url, stop };
}
