import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { onDueDate } from '../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../src/flows/due-date/open-charges.ts';
import { startEmbedded } from '../src/infra/embedded-postgres/embedded.ts';
import { subscribeMany } from '../test/support/many.ts';
import { bareCalls } from './bare-calls.ts';
import { serverCpu } from './server-cpu.ts';
import { openStage, type Stage } from './stage.ts';
import type { Round } from './verdict.ts';

/** Charges of a round, and bare calls on each side of it: about half a second each, so that many rounds are soon played. */
const CHARGES = 1_000;
const CALLS = 750;
/** Until the machine code of both is made. */
const WARM_UP = 3;

/**
 * Collecting and bare calls by turns, so that both meet the same machine: each round is held against the calls before and
 * after it. `goesOn` is asked after each round. Postgres forgets at power loss here and never vacuums by itself: the disk
 * and the hour of its vacuum are not what is compared.
 */
export async function playRounds(goesOn: (rounds: readonly Round[]) => boolean): Promise<readonly Round[]> {
  const directory = mkdtempSync(join(tmpdir(), 'dueday-bench-'));
  const server = await startEmbedded({ dataDir: directory, durable: false, settings: { autovacuum: 'off' } });
  const stage = await openStage(server.url);
  const bare = bareCalls(stage.gateway.url);
  const callsPerSecond = async () => CALLS / (await cpuSecondsOf(ownCpu, () => bare.make(CALLS)));
  const allCpu = () => ownCpu() + serverCpu(directory);
  try {
    const rounds: Round[] = [];
    let before = await callsPerSecond();
    for (let played = 1; goesOn(rounds); played += 1) {
      const chargesPerSecond = await collect(stage, allCpu);
      const after = await callsPerSecond();
      if (played > WARM_UP) rounds.push({ chargesPerSecond, callsPerSecond: (before + after) / 2 });
      before = after;
    }
    return rounds;
  } finally {
    bare.close();
    await stage.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Charges a second of CPU. They are opened beforehand, and Postgres has tidied up. */
async function collect({ ctx }: Stage, cpu: () => number): Promise<number> {
  await subscribeMany(ctx, CHARGES);
  await openCharges(ctx, await ctx.clock.now());
  await ctx.db.run(sql`vacuum analyze`);
  return CHARGES / (await cpuSecondsOf(cpu, () => onDueDate(ctx)));
}

async function cpuSecondsOf(cpu: () => number, work: () => Promise<unknown>): Promise<number> {
  const before = cpu();
  await work();
  return (cpu() - before) / 1_000;
}

/** Milliseconds of CPU that this process has used. */
function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
