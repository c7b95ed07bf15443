import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What Postgres writes about itself into its data directory: `postmaster.pid`, a line each (miscadmin.h). */
export type PidFile = { readonly pid: number; readonly socketDir: string; readonly ready: boolean };

const SOCKET_LINE = 4;
const STATUS_LINE = 7;

/** Null when no server holds the data directory, or when it has only begun to write the file. */
export function readPidFile(cluster: string): PidFile | null {
  const lines = linesOf(pidFile(cluster));
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, socketDir: lines[SOCKET_LINE]?.trim() ?? '', ready: lines[STATUS_LINE]?.trim() === 'ready' };
}

/** Whether a process lives that holds the data directory, as far as its file tells. */
export function isHeld(cluster: string): boolean {
  const holder = readPidFile(cluster);
  if (holder === null) return false;
  try {
    return process.kill(holder.pid, 0);
  } catch (error) {
    // Somebody else's process lives too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Removes the file of a server that died with its container, when its number now belongs to another program: Postgres
 * would take that program for itself and refuse to start for ever. A dead process that nobody has buried yet still
 * bears the name `postgres`, and its file stays.
 */
export function forgetStranger(cluster: string): void {
  const holder = readPidFile(cluster);
  if (holder === null) return;
  const [name] = linesOf(`/proc/${holder.pid}/comm`);
  if (name !== undefined && name !== '' && name !== 'postgres') rmSync(pidFile(cluster), { force: true });
}

export function pidFile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
