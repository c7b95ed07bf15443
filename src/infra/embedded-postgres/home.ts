import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mayEnter, type ServerUser } from './user.ts';

/** Where the embedded Postgres lives: `pg18` (its data), `run` (its socket), `postgres.log`. */
export type Home = { readonly directory: string; readonly cluster: string; readonly user: ServerUser | null };

/** Where root keeps a database whose directory the server's user cannot reach. */
const SYSTEM_HOME = '/var/lib/dueday';
const CLUSTER = 'pg18';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const SOCKET_PATH_MAX = process.platform === 'darwin' ? 103 : 107;

/**
 * The database's home below `dataDir`. Run as root with a directory that the server's user cannot reach (a checkout in
 * root's 0700 home), it moves to `/var/lib/dueday`, and says so: a data directory must be reachable by its owner.
 */
export function homeOf(dataDir: string, user: ServerUser | null, log: (message: string) => void): Home {
  const wanted = resolve(dataDir);
  makeEnterable(wanted, user);
  if (mayEnter(user, wanted)) return { directory: wanted, cluster: join(wanted, CLUSTER), user };
  const directory = systemHome(wanted);
  makeEnterable(directory, user);
  if (!mayEnter(user, directory)) throw new Error(unreachable(wanted, user));
  log(`${wanted} cannot be reached by the user "${user?.name}", which Postgres runs as: its data is in ${directory}`);
  return { directory, cluster: join(directory, CLUSTER), user };
}

/** Whether a database was made for `dataDir` before; nothing is made by asking. */
export function hasDatabase(dataDir: string): boolean {
  const wanted = resolve(dataDir);
  return [wanted, systemHome(wanted)].some((directory) => existsSync(join(directory, CLUSTER)));
}

function systemHome(wanted: string): string {
  return join(SYSTEM_HOME, createHash('sha256').update(wanted).digest('hex').slice(0, 12));
}

/** A directory for the server's user alone (0700). */
export function privateDirectory(path: string, user: ServerUser | null): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (user !== null) chownSync(path, user.uid, user.gid);
  chmodSync(path, 0o700);
  return path;
}

/** `passing`: made for one server in the temporary directory, and removed with it. */
export type SocketDirectory = { readonly path: string; readonly passing: boolean };

/**
 * The directory of the socket: `run` beside the data, or one in the temporary directory when the path of the socket
 * would be longer than the system allows.
 */
export function socketDirectory(home: Home, temporary: string = tmpdir()): SocketDirectory {
  const usual = usualSocketDirectory(home);
  if (Buffer.byteLength(`${usual}/.s.PGSQL.5432`) <= SOCKET_PATH_MAX) {
    return { path: privateDirectory(usual, home.user), passing: false };
  }
  return { path: privateDirectory(mkdtempSync(join(temporary, 'dueday-')), home.user), passing: true };
}

/**
 * The directory of a server that is gone, for the next one: connections look for it there. What somebody else put in its
 * place in the temporary directory meanwhile is refused.
 */
export function sameSocketDirectory(home: Home, path: string): SocketDirectory {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || ![process.getuid?.(), home.user?.uid].includes(found.uid))
    throw new Error(`${path}, where the database's socket was, belongs to somebody else now.`);
  return { path: privateDirectory(path, home.user), passing: path !== usualSocketDirectory(home) };
}

function usualSocketDirectory(home: Home): string {
  return join(home.directory, 'run');
}

/** Others may pass through the directory, not list it: what is private below it is 0700 itself. */
function makeEnterable(path: string, user: ServerUser | null): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
    if (user !== null) chmodSync(path, (statSync(path).mode & 0o7777) | 0o011);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw new Error(`The data directory ${path} cannot be used (${reason}). Set DUEDAY_DATA_DIR to a writable one.`);
  }
}

function unreachable(directory: string, user: ServerUser | null): string {
  return (
    `The data directory ${directory} cannot be entered by the user "${user?.name ?? 'of this process'}", which Postgres runs as. ` +
    'Set DUEDAY_DATA_DIR to a directory that every user may enter, run dueday as an ordinary user, or set DATABASE_URL.'
  );
}
