import { realpathSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { connection, socketUrl } from '../database/connection.ts';
import { type Binaries, bundledPostgres, usableBinaries } from './binaries.ts';
import { ensureCluster, OWNER } from './cluster.ts';
import { type Home, homeOf, type SocketDirectory, sameSocketDirectory, socketDirectory } from './home.ts';
import { keeperOf, type Running } from './keeper.ts';
import { forgetStranger, isHeld, readPidFile } from './pid-file.ts';
import { logFile, type Server, spawnServer } from './server.ts';
import { serverSettings } from './settings.ts';
import { serverUser } from './user.ts';

/**
 * A real Postgres 18 below a directory of ours. `url` is for `openDatabase`, or anything that reads libpq URLs.
 * `adopted`: another process runs it, and stops it when that process ends.
 */
export type EmbeddedPostgres = {
  url: string;
  socketDir: string;
  adopted: boolean;
  /** What the server wrote about itself. */
  logFile: string;
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  dataDir: string;
  /** Made when it is missing; `dueday` unless said otherwise. */
  database?: string;
  /** False gives up safety on power loss for speed: for tests only. */
  durable?: boolean;
  settings?: Record<string, string>;
  log?: (message: string) => void;
  /** What became of a server that died while it was needed. */
  tell?: (message: string) => void;
  /** Told once, when the server is gone and cannot be brought back: nothing works any more. */
  lost?: (why: string) => void;
};

const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 20;
/** A server that was killed holds its lock until somebody buries it; then there is no hurry. */
const LOCKED_AGAIN_MS = 200;

/**
 * Starts Postgres on `dataDir`, or adopts the one that already runs there; the first start makes the data.
 * Only a Unix socket, no port: nobody else on the machine reaches it, and there is none to be taken. It stops with
 * `stop()` and, however this process ends, after it. Meant for trying out and for one machine. A server that dies is
 * started again, behind the same socket.
 * Throws with the way out when it cannot start within 30 seconds.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { database = 'dueday', durable = true, log = nobody, tell = nobody, lost = nobody } = options;
  const user = serverUser();
  // First: where there is no Postgres, no directory helps.
  const bundled = bundledPostgres();
  const home = homeOf(options.dataDir, user, log);
  const binaries = await usableBinaries(bundled, home.directory, user);
  await ensureCluster(binaries, home, durable);
  const settings = { ...serverSettings(durable), ...options.settings };
  const first = await adoptOrStart(binaries, home, settings, () => socketDirectory(home));
  const sameSocket = () => sameSocketDirectory(home, first.socketDir);
  const startAgain = () => adoptOrStart(binaries, home, settings, sameSocket);
  const running = keeperOf(first, { startAgain, tell, lost });
  await ensureDatabase(running, database).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  const { socketDir, adopted, stop } = running;
  return { url: socketUrl(socketDir, OWNER, database), socketDir, adopted, logFile: logFile(home), stop };
}

const nobody = (): void => undefined;

/** Of several at once one gets the lock of the data directory; the others find it held, and adopt what comes up. */
async function adoptOrStart(
  binaries: Binaries,
  home: Home,
  settings: Readonly<Record<string, string>>,
  socket: () => SocketDirectory,
): Promise<Running> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const holder = readPidFile(home.cluster);
    if (holder !== null && (await isOurs(holder.socketDir, home))) {
      const ended = () => !isHeld(home.cluster);
      return { socketDir: holder.socketDir, adopted: true, ended, stop: () => Promise.resolve() };
    }
    forgetStranger(home.cluster);
    const started = await start(binaries, home, settings, socket(), deadline);
    if (started !== null) return started;
    await pause(LOCKED_AGAIN_MS);
  }
  const holder = readPidFile(home.cluster);
  throw new Error(
    `Postgres did not come up in ${home.cluster} within ${PATIENCE_MS / 1000} seconds` +
      (holder === null
        ? ''
        : `: process ${holder.pid} holds it and does not answer. Stop that process and start again`) +
      `. Its log is ${logFile(home)}.`,
  );
}

/** Another process holds the data, or those of a killed server have not all seen yet that it is gone. */
const HELD = /lock file|shared memory block/;

/** Null when another process holds the data directory. */
async function start(
  binaries: Binaries,
  home: Home,
  settings: Readonly<Record<string, string>>,
  socket: SocketDirectory,
  deadline: number,
): Promise<Running | null> {
  const forget = () => socket.passing && rmSync(socket.path, { recursive: true, force: true });
  const directories = `"${socket.path.replaceAll('"', '""')}"`;
  const server = await spawnServer(binaries, home, { ...settings, unix_socket_directories: directories });
  if (await isReady(server, home, deadline)) {
    const stop = async () => {
      await server.stop();
      forget();
    };
    return { socketDir: socket.path, adopted: false, ended: server.ended, stop };
  }
  await server.stop();
  forget();
  const words = server.words();
  if (HELD.test(words) || performance.now() >= deadline) return null;
  throw new Error(`Postgres did not start in ${home.cluster}. Its last words, from ${logFile(home)}:\n${words}`);
}

async function isReady(server: Server, home: Home, deadline: number): Promise<boolean> {
  while (!server.ended() && performance.now() < deadline) {
    const holder = readPidFile(home.cluster);
    if (holder?.pid === server.pid && holder.ready) return true;
    await pause(LOOK_AGAIN_MS);
  }
  return false;
}

/** Whether the server behind a socket works on our data: a path alone may have been reused. */
async function isOurs(socketDir: string, home: Home): Promise<boolean> {
  if (socketDir === '') return false;
  const sql = connection(socketUrl(socketDir, OWNER, 'postgres'), { max: 1, connect_timeout: 3 });
  try {
    const [row] = await sql<{ data_directory: string }[]>`show data_directory`;
    return row !== undefined && realpathSync(row.data_directory) === realpathSync(home.cluster);
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function ensureDatabase(running: Running, name: string): Promise<void> {
  const sql = connection(socketUrl(running.socketDir, OWNER, 'postgres'), {
    max: 1,
    connect_timeout: 10,
  });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`.catch(unlessItIsThere);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Two at once: 42P04 is "duplicate database", 23505 the same a moment earlier. */
function unlessItIsThere(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== '42P04' && code !== '23505') throw error;
}
