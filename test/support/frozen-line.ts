import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { socketUrl } from '../../src/infra/postgres/connection.ts';
import { passingDirectory } from './passing-directory.ts';

/** A line to the database that can be cut in the ways a network is. */
export type Line = {
  readonly url: string;
  /** How often somebody connected. */
  readonly connects: () => number;
  /** What is open now falls silent, without a word; what is opened later works. */
  readonly freeze: () => void;
  /** Everybody is let in and shown out at once, as by a proxy whose database is gone. */
  readonly refuse: (yes: boolean) => void;
};

/** A line to the database of `url`, which ends with the test. */
export async function lineTo(url: string): Promise<Line> {
  const directory = passingDirectory();
  const path = join(directory, '.s.PGSQL.5432');
  const open = new Set<Socket>();
  let connects = 0;
  let refusing = false;
  const server = createServer((near) => {
    connects += 1;
    open.add(near);
    near.on('error', () => near.destroy());
    if (refusing) return void near.end();
    const far = connect(farEnd(url));
    open.add(far);
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
    rmSync(path, { force: true });
  });
  const freeze = () => {
    for (const socket of open) socket.unpipe().pause();
  };
  const { user, database } = named(url);
  return {
    url: socketUrl(directory, user, database),
    connects: () => connects,
    freeze,
    refuse: (yes) => {
      refusing = yes;
    },
  };
}

function named(url: string): { user: string; database: string } {
  const parsed = new URL(url);
  const user = parsed.searchParams.get('user') ?? decodeURIComponent(parsed.username);
  return { user, database: decodeURIComponent(parsed.pathname.slice(1)) };
}

function farEnd(url: string): { path: string } | { host: string; port: number } {
  const parsed = new URL(url);
  const directory = parsed.searchParams.get('host');
  const port = Number(parsed.port || '5432');
  return directory === null ? { host: parsed.hostname, port } : { path: join(directory, `.s.PGSQL.${port}`) };
}
