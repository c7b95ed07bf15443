import { appendFileSync } from 'node:fs';

/**
 * Counts what a torture did (kills, cases, restarts, ...), for the closing summary of `npm run torture`. Outside of it nothing
 * is counted.
 */
export function tally(counts: Readonly<Record<string, number>>): void {
  const file = process.env.TORTURE_TALLY;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(counts)}\n`);
}

/** The run's seed: the same one tortures in the same order. */
export function tortureSeed(): number {
  return Number(process.env.TORTURE_SEED ?? '1');
}
