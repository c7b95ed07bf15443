import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { closingOf, count, noSum, tellVerdict } from './report.ts';
import { runSeeds } from './run-seeds.ts';
import type { Verdict } from './seed.ts';

const USAGE = `npm run simulate -- [--seeds N] [--from S] [--threads T] [--until-fault] [--json] [--verbose]

Lives N seeds from S on (1 unless said otherwise), each in a world of its own: three daemons, one real Postgres, a
simulated Xendit, and the faults that the seed draws. Exits with 0 when every promise was kept, with 1 when one was
broken, with 2 when it could not run. A seed that broke one is told with the end of its log and the way to run it again.

  --threads T      seeds lived at a time; as many as the machine has cores unless said otherwise
  --until-fault    end at the first seed that broke a promise
  --tail N         how much of a seed's log is told, in lines; 100 unless said otherwise
  --json           one line of JSON a seed, and one at the end, instead of sentences
  --verbose        the end of every seed's log`;

const options = {
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  threads: { type: 'string', default: String(availableParallelism()) },
  'until-fault': { type: 'boolean', default: false },
  tail: { type: 'string', default: '100' },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What was asked for; a string is what is wrong with it. */
function wanted() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return error instanceof Error ? error.message : 'The options were not understood.';
  }
}

async function main(): Promise<number> {
  const values = wanted();
  if (typeof values === 'string') return say(`${values}\n\n${USAGE}`, 2);
  if (values.help) return say(USAGE, 0);
  const [seedCount = 0, from = 0, threads = 0, tail = 0] = [values.seeds, values.from, values.threads, values.tail].map(
    Number,
  );
  if (![seedCount, from, threads, tail].every((n) => Number.isSafeInteger(n) && n > 0))
    return say(`--seeds, --from, --threads and --tail are whole numbers from 1 on.\n\n${USAGE}`, 2);
  const seeds = Array.from({ length: seedCount }, (_, n) => from + n);
  const sum = noSum();
  const began = performance.now();
  const onVerdict = (verdict: Verdict): boolean => {
    count(verdict, sum);
    tellVerdict(verdict, values);
    return !(values['until-fault'] && sum.broken.length > 0);
  };
  await runSeeds({ seeds, threads: Math.min(threads, seedCount), tail, onVerdict });
  return say(closingOf(sum, (performance.now() - began) / 1_000, values.json), sum.broken.length > 0 ? 1 : 0);
}

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 2;
});
