import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { tortureSeed } from '../support/tally.ts';
import { testWorld, type World } from '../support/world.ts';
import { endure } from './ordeal.ts';
import { type OwnServer, ownServer } from './own-server.ts';

const SMALL = '160m';
const LARGE = '600m';

/** A small file system of its own; null where one cannot be had, which is told. */
function smallDisk(): string | null {
  const path = mkdtempSync(join(tmpdir(), 'dueday-disk-'));
  chmodSync(path, 0o755);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL},mode=755`, 'tmpfs', path], {
    encoding: 'utf8',
  });
  if (mounted.status === 0) {
    afterAll(() => {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    });
    return path;
  }
  rmSync(path, { recursive: true, force: true });
  const why = mounted.error?.message ?? mounted.stderr.trim();
  process.stderr.write(
    `A full disk is NOT tested here: a small file system cannot be mounted (${why}). Run it as root.\n`,
  );
  return null;
}

const disk = smallDisk();
const stage = disk === null ? null : await stageOn(disk);

test.skipIf(stage === null)(
  'a disk that is full: no charge without its row, and once there is room all that was acknowledged is there',
  async () => {
    if (stage === null) return;
    const { path, server, world } = stage;
    const ordeal = { world, url: server.url, seed: tortureSeed(), charges: 400, apartMs: 40 };
    const { paidMeanwhile } = await endure(ordeal, async () => {
      await pause(2_000);
      const filler = fill(path);
      const acknowledged = await writeUntilItIsDown(server);
      expect(server.isUp()).toBe(false);
      execFileSync('mount', ['-o', `remount,size=${LARGE}`, path]);
      rmSync(filler);
      await server.start();
      const [row] = await world.ask<{ n: number }>(sql`select count(*)::int as n from acknowledged`);
      expect(row?.n).toBeGreaterThanOrEqual(acknowledged);
      return { full_disks: 1, acknowledged };
    });
    expect(paidMeanwhile).toBeGreaterThan(0);
  },
);

async function stageOn(path: string): Promise<{ path: string; server: OwnServer; world: World }> {
  const home = join(path, 'home');
  mkdirSync(home);
  const server = await ownServer(home);
  return { path, server, world: await testWorld({ at: '2026-01-01T00:00:00Z', db: server.db, url: server.url }) };
}

/** Takes what room is left, but for some, and says by which file. */
function fill(path: string): string {
  const { bavail, bsize } = statfsSync(path);
  const file = join(path, 'filler');
  writeFileSync(file, Buffer.alloc(Math.max(4_096, bavail * bsize - 4_000_000)));
  return file;
}

/** Writes until the server panics for want of room for its log; answers how many rows it had acknowledged. */
async function writeUntilItIsDown(server: OwnServer): Promise<number> {
  await server.db.run(sql`create table acknowledged (id serial primary key, what text)`);
  let written = 0;
  const until = performance.now() + 30_000;
  while (server.isUp() && performance.now() < until) {
    await server.db
      .run(sql`insert into acknowledged (what) values (repeat(md5(random()::text), 8000))`)
      .then(() => (written += 1))
      .catch(() => pause(20));
  }
  return written;
}
