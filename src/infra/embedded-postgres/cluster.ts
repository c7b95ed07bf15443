import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Binaries } from './binaries.ts';
import { type Home, privateDirectory } from './home.ts';
import { asUser, childEnvironment } from './user.ts';

const VERSION = '18';
const DRAFT = '.new-';
const DRAFT_AGE_MS = 600_000;

/** The owner of the cluster and of everything in it. */
export const OWNER = 'dueday';

const INITDB = [
  `--username=${OWNER}`,
  '--encoding=UTF8',
  // The same order of strings on every system: the C library's locales differ, and change under an index.
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  '--no-instructions',
  // There is no password to keep: the socket's directory is 0700, so the file system says who may connect.
  // `peer` would ask for the same name on both sides, and root lends the server another user.
  '--auth-local=trust',
  '--auth-host=reject',
];

/**
 * Makes the database cluster unless it is there. It is made beside its place and renamed: an `initdb` that was cut off
 * leaves nothing that looks like a cluster, and of two at once one wins and the other uses it.
 */
export async function ensureCluster(binaries: Binaries, home: Home, durable: boolean): Promise<void> {
  await clearDrafts(home);
  if (existsSync(join(home.cluster, 'PG_VERSION'))) return await refuseOtherVersion(home.cluster);
  const draft = privateDirectory(`${home.cluster}${DRAFT}${process.pid}-${Date.now()}`, home.user);
  try {
    await initialise(binaries, home, draft, durable);
    await rename(draft, home.cluster);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(join(home.cluster, 'PG_VERSION'))) throw error;
  }
}

/** What an `initdb` left that was cut off; a young one may still be at work, in another process or container. */
async function clearDrafts(home: Home): Promise<void> {
  for (const name of await readdir(home.directory)) {
    const path = join(home.directory, name);
    if (!path.startsWith(home.cluster + DRAFT)) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > DRAFT_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}

async function refuseOtherVersion(cluster: string): Promise<void> {
  const found = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (found === VERSION) return;
  throw new Error(
    `${cluster} was made by Postgres ${found}, and the one bundled here is Postgres ${VERSION}, which cannot read it. ` +
      'Run the dueday that made it and copy the data out, or set DUEDAY_DATA_DIR to another directory.',
  );
}

async function initialise(binaries: Binaries, home: Home, directory: string, durable: boolean): Promise<void> {
  const child = spawn(binaries.initdb, [...INITDB, ...(durable ? [] : ['--no-sync']), '-D', directory], {
    ...asUser(home.user),
    cwd: '/',
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = text(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(cannotRun(binaries.initdb, error.message))));
    child.once('close', resolve);
  });
  if (code === 0) return;
  const reason = (await said).trim();
  const wayOut = /user does not exist/.test(reason)
    ? 'Run dueday as a user that the system knows'
    : 'Set DUEDAY_DATA_DIR to another directory';
  throw new Error(`Postgres could not make its data in ${home.directory}: ${reason}. ${wayOut}, or set DATABASE_URL.`);
}

/** A missing file that is there means a missing loader: the bundled Linux programs need glibc. */
export function cannotRun(program: string, reason: string): string {
  return `The bundled Postgres (${program}) does not run on this system: ${reason}. Set DATABASE_URL to a Postgres of your own.`;
}
