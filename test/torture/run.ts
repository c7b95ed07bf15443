import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/*
 * `npm run torture -- [--minutes 30] [--seed 1] [file ...]`: everything in test/torture, again and again with fresh seeds until
 * the time is over; without minutes (or TORTURE_MINUTES) once. `--attack` is the crowds alone, each for a minute. Ends with a summary, and with 1 if anything failed.
 */

const { values, positionals: named } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, attack: { type: 'boolean' } },
});
const positionals = values.attack === true ? ['test/torture/attack.test.ts', ...named] : named;
const attack = values.attack === true ? { TORTURE_ATTACK_SECONDS: '60' } : {};
const minutes = Number(values.minutes ?? process.env.TORTURE_MINUTES ?? '0');
const firstSeed = Number(values.seed ?? process.env.TORTURE_SEED ?? '1');
if (!(minutes >= 0) || !Number.isSafeInteger(firstSeed)) {
  process.stderr.write('--minutes must be a number from 0, --seed a whole number.\n');
  process.exit(2);
}

type Totals = { readonly counts: Record<string, number>; rounds: number; readonly failedSeeds: number[] };

const directory = mkdtempSync(join(tmpdir(), 'dueday-torture-'));
const started = performance.now();
const totals: Totals = { counts: {}, rounds: 0, failedSeeds: [] };
try {
  do await round(firstSeed + totals.rounds);
  while (performance.now() - started < minutes * 60_000);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
summarize();
process.exit(totals.failedSeeds.length > 0 ? 1 : 0);

async function round(seed: number): Promise<void> {
  const file = join(directory, `${seed}.jsonl`);
  writeFileSync(file, '');
  const env = { ...process.env, TORTURE: '1', TORTURE_SEED: String(seed), TORTURE_TALLY: file, ...attack };
  const arguments_ = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'torture', ...positionals];
  const child = spawn(process.execPath, arguments_, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    process.stdout.write(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const [, passed = '0', failed = '1'] = /^tests: (\d+) passed, (\d+) failed/m.exec(said) ?? [];
  add({ passed: Number(passed), failed: Number(failed) });
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean))
    add(JSON.parse(line) as typeof totals.counts);
  totals.rounds += 1;
  if (code !== 0) totals.failedSeeds.push(seed);
}

function add(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) totals.counts[name] = (totals.counts[name] ?? 0) + count;
}

function summarize(): void {
  const { passed = 0, failed = 0, ...counts } = totals.counts;
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`);
  const took = ((performance.now() - started) / 60_000).toFixed(1);
  const parts = [`${totals.rounds} rounds in ${took} minutes`, ...told, `tests: ${passed} passed, ${failed} failed`];
  process.stdout.write(`\ntorture: ${parts.join(', ')}\n`);
  for (const seed of totals.failedSeeds)
    process.stdout.write(`failed; again with: npm run torture -- --seed ${seed} ${positionals.join(' ')}\n`);
}
