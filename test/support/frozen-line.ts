import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { socketUrl } from '../../src/infra/database/connection.ts';
import { passingDirectory } from './passing-directory.ts';

/** A line to the database that can be cut in the ways a network is. */
export type Line = {
  readonly url: string;
  /** How often somebody connected. */
  readonly connects: () => number;
  /** How many connections nobody has ended yet. */
  readonly open: () => number;
  /** What is open now falls silent, without a word; what is opened later works. */
  readonly freeze: () => void;
  /** The same for what is opened later: it is let in, and hears nothing. */
  readonly blackhole: (yes: boolean) => void;
  /** What is sent arrives, and nothing of what is answered comes back. */
  readonly loseAnswers: (yes: boolean) => void;
  /** Everything is cut after so many bytes more of answers, in the middle of whatever it is. */
  readonly cutAfter: (bytes: number) => void;
  /** Everybody is let in and shown out at once, as by a proxy whose database is gone. */
  readonly refuse: (yes: boolean) => void;
};

/** A line to the database of `url`, which ends with the test. */
export async function lineTo(url: string): Promise<Line> {
  const directory = passingDirectory();
  const path = join(directory, '.s.PGSQL.5432');
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  const mode = { refuses: false, isSilent: false, losesAnswers: false, cutsAfter: Number.POSITIVE_INFINITY };
  let connects = 0;
  const cut = (): void => {
    mode.cutsAfter = Number.POSITIVE_INFINITY;
    for (const socket of [...near, ...far]) socket.destroy();
  };
  const answered = (to: Socket, chunk: Buffer): void => {
    if (mode.losesAnswers) return;
    to.write(chunk.subarray(0, mode.cutsAfter));
    mode.cutsAfter -= chunk.length;
    if (mode.cutsAfter <= 0) cut();
  };
  const server = createServer((here) => {
    connects += 1;
    keep(near, here);
    if (mode.refuses) return void here.end();
    if (mode.isSilent) return void here.pause();
    const there = keep(far, connect(farEnd(url)));
    here.pipe(there);
    there.on('data', (chunk: Buffer) => answered(here, chunk));
    there.once('close', () => here.destroy());
    here.once('close', () => there.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    cut();
    server.close();
    rmSync(path, { force: true });
  });
  const freeze = () => {
    for (const socket of [...near, ...far]) socket.unpipe().removeAllListeners('data').pause();
  };
  const { user, database } = named(url);
  return {
    url: socketUrl(directory, user, database),
    connects: () => connects,
    open: () => near.size,
    freeze,
    blackhole(yes) {
      mode.isSilent = yes;
      if (yes) freeze();
    },
    loseAnswers(yes) {
      mode.losesAnswers = yes;
    },
    cutAfter(bytes) {
      mode.cutsAfter = bytes;
    },
    refuse(yes) {
      mode.refuses = yes;
    },
  };
}

function keep(sockets: Set<Socket>, socket: Socket): Socket {
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

export function named(url: string): { user: string; database: string } {
  const parsed = new URL(url);
  const user = parsed.searchParams.get('user') ?? decodeURIComponent(parsed.username);
  return { user, database: decodeURIComponent(parsed.pathname.slice(1)) };
}

export function farEnd(url: string): { path: string } | { host: string; port: number } {
  const parsed = new URL(url);
  const directory = parsed.searchParams.get('host');
  const port = Number(parsed.port || '5432');
  return directory === null ? { host: parsed.hostname, port } : { path: join(directory, `.s.PGSQL.${port}`) };
}
