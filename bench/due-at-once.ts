import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { sql } from 'drizzle-orm';
import { onDueDate } from '../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../src/flows/due-date/open-charges.ts';
import { subscribeMany } from '../test/support/many.ts';
import { playRounds } from './rounds.ts';
import { serverCpu } from './server-cpu.ts';
import { openStage, secondsOf } from './stage.ts';
import { type Baseline, LEAST_OF_BASELINE, median, type Round, ratioOf, verdictOf } from './verdict.ts';

const USAGE = `npm run bench -- 20000                           how many charges that fall due at one instant are collected a second, against a
                                                 gateway on this machine that answers at once and without a pace
npm run bench -- --against bench/baseline.json   whether collecting has become slower, measured in bare calls with got: 1 if it has
npm run bench -- --save bench/baseline.json      what later ones are held against: on a machine that does nothing else`;

async function collectOnce(count: number): Promise<void> {
  const { ctx, directory: dir, gateway, close } = await openStage(process.env.DATABASE_URL);
  await subscribeMany(ctx, count);
  const before = process.cpuUsage();
  const serverBefore = serverCpu(dir);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  const opening = await secondsOf(async () => await openCharges(ctx, await ctx.clock.now()));
  const collecting = await secondsOf(() => onDueDate(ctx));
  clearInterval(watch);
  const cpu = process.cpuUsage(before);
  const server = serverCpu(dir) - serverBefore;
  const [paid] = await ctx.db.run<{ count: number }>(
    sql`select count(*)::int as count from charges where status = 'paid'`,
  );
  const each = (ms: number) => `${(ms / count).toFixed(2)} ms`;
  process.stdout.write(
    `${count} due, ${paid?.count} paid, ${await gateway.counted()} asked.\n` +
      `Opened in ${opening.toFixed(2)} s, collected in ${collecting.toFixed(2)} s: ${Math.round(count / collecting)} charges/s, ` +
      `opening included ${Math.round(count / (opening + collecting))}.\n` +
      `CPU a charge: daemon ${each((cpu.user + cpu.system) / 1_000)}, Postgres ${each(server)}; peak RSS ${Math.round(peak / 1e6)} MB.\n`,
  );
  await close();
}

const FEWEST_ROUNDS = 15;
const MOST_ROUNDS = 45;

/** Goes on where it looks slower: what else the machine does for a while must not be taken for our own slowness. */
async function compare(file: string): Promise<void> {
  const baseline = JSON.parse(readFileSync(file, 'utf8')) as Baseline;
  const isOpen = (rounds: readonly Round[]) => rounds.length < MOST_ROUNDS && verdictOf(rounds, baseline).isSlower;
  const rounds = await playRounds((played) => played.length < FEWEST_ROUNDS || isOpen(played));
  const { isSlower, ofBaseline } = verdictOf(rounds, baseline);
  process.stdout.write(
    `${told(rounds)}\n${ofBaseline.toFixed(3)} of the baseline (${baseline.ratio.toFixed(3)}, ${baseline.measured}): ` +
      `${isSlower ? `slower, the least is ${LEAST_OF_BASELINE}` : 'as fast'}.\n`,
  );
  if (isSlower) process.exitCode = 1;
}

async function save(file: string): Promise<void> {
  const rounds = await playRounds((played) => played.length < MOST_ROUNDS);
  const measured = `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}: ${told(rounds)}`;
  const baseline: Baseline = { ratio: Number(ratioOf(rounds).toFixed(4)), measured };
  writeFileSync(file, `${JSON.stringify(baseline, null, 2)}\n`);
  process.stdout.write(`${measured}\n`);
}

function told(rounds: readonly Round[]): string {
  const charges = Math.round(median(rounds.map(({ chargesPerSecond }) => chargesPerSecond)));
  const calls = Math.round(median(rounds.map(({ callsPerSecond }) => callsPerSecond)));
  return `${charges} charges beside ${calls} bare calls a second of CPU, ratio ${ratioOf(rounds).toFixed(3)} in ${rounds.length} rounds`;
}

/** What was asked for; a string is what is wrong with it. */
function wanted() {
  try {
    const options = { against: { type: 'string' }, save: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const count = Number(positionals[0] ?? 20_000);
    return Number.isSafeInteger(count) && count > 0
      ? { ...values, count }
      : 'How many charges? A whole number from 1 on.';
  } catch (error) {
    return error instanceof Error ? error.message : 'The options were not understood.';
  }
}

const asked = wanted();
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n\n${USAGE}\n`);
  process.exitCode = 2;
} else if (asked.against !== undefined) await compare(asked.against);
else if (asked.save !== undefined) await save(asked.save);
else await collectOnce(asked.count);
