import { execFileSync, spawnSync } from 'node:child_process';

/** The system user that Postgres runs as; null is whoever runs this process. */
export type ServerUser = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * Postgres refuses to run as root, so root lends it the user `postgres`, or `nobody` where there is none.
 * Null when this process is not root and needs no other user.
 */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const user = lookUp(name);
    if (user !== null) return user;
  }
  throw new Error(
    'Postgres does not run as root, and this system has neither a user "postgres" nor "nobody". ' +
      'Run dueday as an ordinary user, or set DATABASE_URL.',
  );
}

/** What `spawn` needs to become that user; libuv drops root's other groups by itself. */
export function asUser(user: ServerUser | null): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

/**
 * All that a child process gets of our environment, which holds secrets: whoever runs as the same user as the child can
 * read them there. PGOPTIONS, PGDATA and the like are for others; messages are read by us, so they are English.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** Whether that user may go into a directory, parents included: only a process of theirs can tell. */
export function mayEnter(user: ServerUser | null, directory: string): boolean {
  return succeeds(user, 'cd "$1"', directory);
}

/** Whether that user may run a program. */
export function mayRun(user: ServerUser | null, program: string): boolean {
  return succeeds(user, 'test -r "$1" && test -x "$1"', program);
}

function succeeds(user: ServerUser | null, script: string, path: string): boolean {
  const options = { ...asUser(user), cwd: '/', env: childEnvironment(), stdio: 'ignore' } as const;
  return spawnSync('/bin/sh', ['-c', script, 'sh', path], options).status === 0;
}

function lookUp(name: string): ServerUser | null {
  try {
    const options = { encoding: 'utf8', env: childEnvironment(), stdio: 'pipe' } as const;
    const number = (flag: string) => Number(execFileSync('id', [flag, name], options).trim());
    return { name, uid: number('-u'), gid: number('-g') };
  } catch {
    return null;
  }
}
