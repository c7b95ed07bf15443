import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connection } from '../../src/infra/database/connection.ts';
import { bundledPostgres, usableBinaries } from '../../src/infra/embedded-postgres/binaries.ts';
import { ensureCluster } from '../../src/infra/embedded-postgres/cluster.ts';
import {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startEmbedded,
} from '../../src/infra/embedded-postgres/embedded.ts';
import { homeOf } from '../../src/infra/embedded-postgres/home.ts';
import { keeperOf, type Running } from '../../src/infra/embedded-postgres/keeper.ts';
import { readPidFile } from '../../src/infra/embedded-postgres/pid-file.ts';
import { mayEnter, serverUser } from '../../src/infra/embedded-postgres/user.ts';
import { passingDirectory } from '../support/passing-directory.ts';

const isRoot = process.getuid?.() === 0;

async function ask(url: string, text: string): Promise<string | undefined> {
  const sql = connection(url, { max: 1 });
  try {
    const [row] = await sql.unsafe<{ answer: string }[]>(text);
    return row?.answer;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function started(dataDir: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const embedded = await startEmbedded({ dataDir, durable: false, ...more });
  onTestFinished(embedded.stop);
  return embedded;
}

function holderOf(dataDir: string): number {
  return readPidFile(join(dataDir, 'pg18'))?.pid ?? Number.NaN;
}

function isAlive(pid: number): boolean {
  const [, state] =
    /\) (\w)/.exec(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '') ?? [];
  return state !== undefined && state !== 'Z';
}

/** The shell that ends the server with us, found by its words. */
function watchdogOf(directory: string): number {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const watchdog = pids.find((pid) => isAlive(pid) && commandOf(pid).includes(`${directory}/pg18/postmaster.pid`));
  if (watchdog === undefined) throw new Error('There is no watchdog.');
  return watchdog;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** A server that belongs to a process of its own, which can be killed. */
async function ownedByAnother(dataDir: string) {
  const parent = spawn(process.execPath, [join(import.meta.dirname, '../support/embedded-parent.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { readonly url: string };
  const kill = async () => {
    const exit = once(parent, 'exit');
    parent.kill('SIGKILL');
    await exit;
  };
  return { url, kill };
}

describe('the embedded database', () => {
  test.runIf(isRoot)('looks for the user of the server without showing our environment to anybody', () => {
    const directory = passingDirectory();
    const seen = join(directory, 'seen');
    writeFileSync(join(directory, 'id'), `#!/bin/sh\nenv >>${seen}\necho 65534\n`, { mode: 0o755 });
    vi.stubEnv('XENDIT_SECRET_KEY', 'xnd_production_canary');
    vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(serverUser()?.uid).toBe(65_534);
    expect(readFileSync(seen, 'utf8')).toContain('LC_ALL=C');
    expect(readFileSync(seen, 'utf8')).not.toContain('canary');
  });

  test('is a Postgres 18 with its own database, behind a socket that nobody else may use, and no port', async () => {
    const directory = passingDirectory();
    const { url, socketDir, adopted } = await started(directory);
    expect(adopted).toBe(false);
    expect(socketDir).toBe(join(directory, 'run'));
    expect(await ask(url, 'select current_database() as answer')).toBe('dueday');
    expect(await ask(url, "select current_setting('server_version_num')::int / 10000 as answer")).toBe(18);
    expect(await ask(url, "select current_setting('listen_addresses') as answer")).toBe('');
    expect(
      await ask(
        url,
        "select datcollate || ' ' || datlocprovider::text as answer from pg_database where datname = 'dueday'",
      ),
    ).toBe('C b');
  });

  test('is safe on power loss unless a test says otherwise', async () => {
    const directory = passingDirectory();
    const embedded = await startEmbedded({ dataDir: directory });
    onTestFinished(embedded.stop);
    const text =
      "select current_setting('fsync') || current_setting('synchronous_commit') || current_setting('data_checksums') as answer";
    expect(await ask(embedded.url, text)).toBe('ononon');
  });

  test('keeps its data from one start to the next, and stops at once', async () => {
    const directory = passingDirectory();
    const first = await startEmbedded({ dataDir: directory, durable: false });
    await ask(first.url, 'create table kept as select 7 as answer');
    const server = holderOf(directory);
    await first.stop();
    expect(isAlive(server)).toBe(false);
    await first.stop();
    const { url } = await started(directory);
    expect(await ask(url, 'select answer from kept')).toBe(7);
  });

  test('that died by itself is stopped without waiting for it', async () => {
    const directory = passingDirectory();
    const embedded = await started(directory);
    process.kill(holderOf(directory), 'SIGKILL');
    await embedded.stop();
  });
});

describe('a server that dies while it is needed', () => {
  test.each(['short', 'long'.repeat(30)])(
    'is started again behind the same socket (%#), and is told of',
    async (name) => {
      const directory = join(passingDirectory(), name);
      const told: string[] = [];
      const { url } = await started(directory, { tell: (message) => void told.push(message) });
      await ask(url, 'create table kept as select 7 as answer');
      for (const round of [1, 2]) {
        const before = holderOf(directory);
        process.kill(before, 'SIGKILL');
        await vi.waitFor(async () => {
          expect(holderOf(directory)).not.toBe(before);
          expect(await ask(url, 'select answer from kept')).toBe(7);
          // It answers a moment before the one who started it says so.
          expect(told).toHaveLength(2 * round);
        }, 20_000);
      }
      expect(told.slice(0, 2)).toEqual(['the server died', 'the server was started again']);
    },
  );

  test('and whose data is gone is tried with growing pauses, and then told as lost, once', async () => {
    const told: string[] = [];
    const dead: Running = { socketDir: '', adopted: false, ended: () => true, stop: async () => undefined };
    const { promise, resolve } = Promise.withResolvers<string>();
    const keeper = keeperOf(dead, {
      startAgain: () => Promise.reject(new Error('could not open file "global/pg_control"')),
      tell: (message) => void told.push(message),
      lost: resolve,
      pauses: [0, 10, 20],
    });
    expect(await promise).toMatch(
      /gone, and 3 starts in a row did not bring it back: could not open file "global\/pg_c/,
    );
    expect(told.filter((message) => message.includes('could not be started again'))).toHaveLength(3);
    await keeper.stop();
  });

  test('again and again, soon after each start, is lost too', async () => {
    let starts = 0;
    const dead: Running = { socketDir: '', adopted: false, ended: () => true, stop: async () => undefined };
    const { promise, resolve } = Promise.withResolvers<string>();
    const startAgain = async () => {
      starts += 1;
      return dead;
    };
    keeperOf(dead, { startAgain, tell: () => undefined, lost: resolve, pauses: [0, 10] });
    expect(await promise).toContain('dies soon after each start');
    expect(starts).toBe(2);
  });

  test.runIf(existsSync('/proc/self/cmdline'))(
    'is not left without its watchdog, which keeps no secret of ours',
    async () => {
      const directory = passingDirectory();
      vi.stubEnv('XENDIT_SECRET_KEY', 'xnd_production_canary');
      onTestFinished(() => void vi.unstubAllEnvs());
      await started(directory);
      const first = watchdogOf(directory);
      expect(readFileSync(`/proc/${first}/environ`, 'utf8')).not.toContain('canary');
      process.kill(first, 'SIGKILL');
      await vi.waitFor(() => expect(watchdogOf(directory)).not.toBe(first), 10_000);
    },
  );
});

describe('an unfinished first start', () => {
  test('is cleared away once nobody can be at work on it, and leaves nothing that looks like data', async () => {
    const directory = passingDirectory();
    const old = join(directory, 'pg18.new-1-1');
    const young = join(directory, 'pg18.new-2-2');
    for (const draft of [old, young]) mkdirSync(draft);
    utimesSync(old, 0, 0);
    const { url } = await started(directory);
    expect(await ask(url, 'select 1 as answer')).toBe(1);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });
});

describe('two on one directory', () => {
  test('the second adopts what runs, and does not stop it', async () => {
    const directory = passingDirectory();
    const first = await started(directory);
    const second = await startEmbedded({ dataDir: directory, database: 'another', durable: false });
    expect(second).toMatchObject({ adopted: true, socketDir: first.socketDir });
    expect(await ask(second.url, 'select current_database() as answer')).toBe('another');
    await second.stop();
    expect(await ask(first.url, 'select 1 as answer')).toBe(1);
  });

  test.each(['stops its server', 'is killed'])(
    'when the first %s, the second goes on with one of its own',
    async (how) => {
      const directory = passingDirectory();
      const first = how === 'is killed' ? await ownedByAnother(directory) : await started(directory);
      await ask(first.url, 'create table kept as select 7 as answer');
      const before = holderOf(directory);
      const heir = await started(directory);
      expect(heir).toMatchObject({ adopted: true, url: first.url });
      await ('kill' in first ? first.kill() : first.stop());
      await vi.waitFor(async () => {
        expect(isAlive(before)).toBe(false);
        expect(await ask(heir.url, 'select answer from kept')).toBe(7);
      }, 10_000);
      await heir.stop();
      expect(readPidFile(join(directory, 'pg18'))).toBeNull();
    },
  );

  test('that start together on an empty one share one server', async () => {
    const directory = passingDirectory();
    const both = await Promise.all([started(directory), started(directory)]);
    expect(both.filter(({ adopted }) => adopted)).toHaveLength(1);
    expect(new Set(both.map(({ url }) => url)).size).toBe(1);
  });
});

describe('a process that is killed', () => {
  test('leaves no server behind, and the next one starts on its data', async () => {
    const directory = passingDirectory();
    const { url, kill } = await ownedByAnother(directory);
    await ask(url, 'create table kept as select 7 as answer');
    const server = holderOf(directory);
    await kill();
    await vi.waitFor(() => expect(isAlive(server)).toBe(false), 10_000);
    expect(readFileSync(join(directory, 'postgres.log'), 'utf8')).toContain('database system is shut down');
    const next = await started(directory);
    expect(await ask(next.url, 'select answer from kept')).toBe(7);
  });

  test('together with its server leaves a lock that the next one outwaits', async () => {
    const directory = passingDirectory();
    const { url, kill } = await ownedByAnother(directory);
    await ask(url, 'create table kept as select 7 as answer');
    process.kill(holderOf(directory), 'SIGKILL');
    await kill();
    const next = await started(directory);
    expect(next.adopted).toBe(false);
    expect(await ask(next.url, 'select answer from kept')).toBe(7);
  });

  test.runIf(existsSync('/proc/self/comm'))(
    'in another container leaves a number that is now another program',
    async () => {
      const directory = passingDirectory();
      await (await startEmbedded({ dataDir: directory, durable: false })).stop();
      const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(isRoot && { uid: serverUser()?.uid ?? 0 }) });
      onTestFinished(() => void stranger.kill());
      await once(stranger, 'spawn');
      writeFileSync(
        join(directory, 'pg18', 'postmaster.pid'),
        `${stranger.pid}\n${directory}/pg18\n1\n5432\n${directory}/run\n\n\n`,
      );
      expect((await started(directory)).adopted).toBe(false);
    },
  );
});

describe('where Postgres cannot simply start', () => {
  test('data of another version is refused, with the way out', async () => {
    const directory = passingDirectory();
    mkdirSync(join(directory, 'pg18'));
    writeFileSync(join(directory, 'pg18', 'PG_VERSION'), '17\n');
    await expect(startEmbedded({ dataDir: directory })).rejects.toThrow(
      /made by Postgres 17, .* Postgres 18, .*DUEDAY_DATA_DIR/,
    );
  });

  test('a directory whose name is too long for a socket gets one elsewhere, and it is found there', async () => {
    const directory = join(passingDirectory(), 'long'.repeat(30));
    const first = await started(directory);
    expect(first.socketDir).toMatch(/\/dueday-\w{6}$/);
    const second = await started(directory);
    expect(second).toMatchObject({ adopted: true, url: first.url });
    expect(await ask(second.url, 'select 1 as answer')).toBe(1);
    await first.stop();
    expect(existsSync(first.socketDir)).toBe(false);
  });

  test('a name with spaces, commas and quotes is a name like any other', async () => {
    const { url } = await started(join(passingDirectory(), `my "data", it's`));
    expect(await ask(url, 'select 1 as answer')).toBe(1);
  });

  test('a package whose install script was blocked is completed in a copy', async () => {
    const directory = passingDirectory();
    const blocked = join(directory, 'package', 'native');
    cpSync(join(bundledPostgres(), '..'), join(directory, 'package'), { recursive: true, verbatimSymlinks: true });
    const links = JSON.parse(readFileSync(join(blocked, 'pg-symlinks.json'), 'utf8')) as readonly {
      readonly target: string;
    }[];
    for (const { target } of links) rmSync(join(blocked, '..', target));

    const home = homeOf(join(directory, 'data'), serverUser(), () => undefined);
    const binaries = await usableBinaries(blocked, home.directory, home.user);
    expect(binaries.initdb).toMatch(/data\/postgres-18[^/]*\/bin\/initdb$/);
    await ensureCluster(binaries, home, false);
    expect(existsSync(join(home.cluster, 'PG_VERSION'))).toBe(true);
    expect(await usableBinaries(blocked, home.directory, home.user)).toEqual(binaries);
  });

  test.runIf(isRoot)("a package in root's own directory is copied to where the server's user may run it", async () => {
    const directory = passingDirectory();
    cpSync(join(bundledPostgres(), '..'), join(directory, 'closed', 'package'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    chmodSync(join(directory, 'closed'), 0o700);

    const home = homeOf(join(directory, 'data'), serverUser(), () => undefined);
    const binaries = await usableBinaries(join(directory, 'closed', 'package', 'native'), home.directory, home.user);
    await ensureCluster(binaries, home, false);
    expect(existsSync(join(home.cluster, 'PG_VERSION'))).toBe(true);
  });

  test.runIf(isRoot)(
    "a data directory in root's own directory moves to where the server's user gets in, and says so",
    () => {
      const closed = join(passingDirectory(), 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const said: string[] = [];
      const user = serverUser();
      const home = homeOf(join(closed, 'data'), user, (message) => void said.push(message));
      onTestFinished(() => rmSync(home.directory, { recursive: true, force: true }));
      expect(home.directory).toMatch(/^\/var\/lib\/dueday\/[0-9a-f]{12}$/);
      expect(mayEnter(user, home.directory)).toBe(true);
      expect(said).toEqual([expect.stringContaining(join(closed, 'data'))]);
    },
  );

  test('settings that Postgres refuses are told in its own words', async () => {
    const attempt = startEmbedded({
      dataDir: passingDirectory(),
      durable: false,
      settings: { shared_buffers: 'plenty' },
    });
    await expect(attempt).rejects.toThrow(/did not start .*\n.*invalid value for parameter "shared_buffers": "plenty"/);
  });
});
