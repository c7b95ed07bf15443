import type { FaultName } from './faults.ts';
import type { Verdict } from './seed.ts';

/** What all seeds came to. */
export type Sum = {
  seeds: number;
  readonly broken: number[];
  simulatedMs: number;
  payments: number;
  events: number;
  raised: number;
  repriced: number;
  switched: number;
  givenBack: number;
  readonly struck: Map<FaultName, number>;
};

const YEAR_MS = 365 * 86_400_000;

export function noSum(): Sum {
  return {
    seeds: 0,
    broken: [],
    simulatedMs: 0,
    payments: 0,
    events: 0,
    raised: 0,
    repriced: 0,
    switched: 0,
    givenBack: 0,
    struck: new Map(),
  };
}

export function count(verdict: Verdict, sum: Sum): void {
  sum.seeds += 1;
  sum.simulatedMs += verdict.simulatedMs;
  sum.payments += verdict.payments;
  sum.events += verdict.events;
  sum.raised += verdict.raised;
  sum.repriced += verdict.repriced;
  sum.switched += verdict.switched;
  sum.givenBack += verdict.givenBack;
  for (const [name, count] of Object.entries(verdict.struck) as [FaultName, number][])
    sum.struck.set(name, (sum.struck.get(name) ?? 0) + count);
  if (verdict.faults.length > 0) sum.broken.push(verdict.seed);
}

/** Tells of a verdict what somebody should read. */
export function tellVerdict(verdict: Verdict, how: { readonly json: boolean; readonly verbose: boolean }): void {
  if (how.json) process.stdout.write(`${JSON.stringify(how.verbose ? verdict : { ...verdict, tail: undefined })}\n`);
  else if (verdict.faults.length > 0 || how.verbose) process.stdout.write(`${story(verdict)}\n`);
}

/** A failing seed for a person: what broke, what came before, and how to see it again. */
export function story({ seed, faults, tail, hash }: Verdict): string {
  const broken = faults.length > 0 ? [`seed ${seed} broke a promise:`, ...faults.map((fault) => `  ${fault}`)] : [];
  const again = `run it again: npm run simulate -- --seeds 1 --from ${seed} --verbose`;
  return ['', ...tail, `seed ${seed}, log ${hash}`, ...broken, again].join('\n');
}

/** One line: how much was lived, and what was broken. */
export function closingOf(sum: Sum, seconds: number, json: boolean): string {
  const { seeds, broken, events, payments, raised, repriced, switched, givenBack } = sum;
  const years = sum.simulatedMs / YEAR_MS;
  const struck = Object.fromEntries(sum.struck);
  if (json)
    return JSON.stringify({
      seeds,
      broken,
      years,
      events,
      payments,
      raised,
      repriced,
      switched,
      givenBack,
      struck,
      seconds,
    });
  const pace = `${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(2)} seeds/s`;
  const end = broken.length === 0 ? 'every promise kept' : `broken: ${broken.join(', ')}`;
  return `simulation: ${seeds} seeds, ${years.toFixed(1)} years, ${events} events, ${payments} payments in ${pace}; ${end}`;
}
