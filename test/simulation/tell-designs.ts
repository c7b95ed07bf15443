import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chosen, inCopy } from '../mutants/in-copy.ts';
import type { Replacement } from '../mutants/replacement.ts';
import { wrongDesigns } from './wrong-designs.ts';

/*
 * Writes each wrong design into a copy of the project and lives seeds there until one breaks a promise.
 * `npm run wrong-designs`, or `npm run wrong-designs -- <part of a name> ...`. Exit code 1 when one is not told.
 */

/** Within so many seeds each must be told. */
const SEEDS = 100;
/** A design that comes to no end in a seed is broken off: soon where another seed has told it. */
const LONGEST_MS = 45 * 60_000;
const ONCE_TOLD_MS = 60_000;

type Told = { readonly seed: number; readonly faults: readonly string[] };

/** The seed that told it, with what it said; null when none did, a sentence when none could be lived. */
async function tell(design: Replacement): Promise<Told | string | null> {
  return await inCopy(design, async (copy) => {
    const args = [join(copy, 'test/simulation/main.ts'), '--seeds', String(SEEDS), '--until-fault', '--json'];
    const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS });
    const { promise: ended, resolve } = Promise.withResolvers<number | null>();
    child.once('exit', resolve);
    const errors = textOf(child.stderr);
    const told = await toldIn(child.stdout);
    const breakOff = setTimeout(() => child.kill(), ONCE_TOLD_MS);
    const code = await ended;
    clearTimeout(breakOff);
    if (told !== null) return told;
    if (code === null) return 'a seed came to no end, and none before it told anything';
    return code === 0 ? null : `the simulation did not run: ${(await errors).slice(0, 500)}`;
  });
}

/** The first verdict that tells of a fault; null when the last line has come without one. */
async function toldIn(lines: NodeJS.ReadableStream): Promise<Told | null> {
  for await (const line of createInterface({ input: lines })) {
    const verdict = line.startsWith('{"seed":') ? (JSON.parse(line) as Told) : null;
    if (verdict !== null && verdict.faults.length > 0) return verdict;
  }
  return null;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  return (await Array.fromAsync(stream)).join('');
}

let missed = 0;
const designs = chosen(wrongDesigns, process.argv.slice(2));
for (const design of designs) {
  const told = await tell(design);
  if (told === null || typeof told === 'string') missed += 1;
  const how = typeof told === 'string' ? told : `seed ${told?.seed}: ${told?.faults[0]?.slice(0, 200)}`;
  process.stdout.write(
    told === null ? `NOT TOLD  ${design.name}: ${SEEDS} seeds\n` : `told      ${design.name}: ${how}\n`,
  );
}
process.stdout.write(`wrong designs: ${designs.length - missed} told, ${missed} not\n`);
process.exitCode = missed > 0 || designs.length === 0 ? 1 : 0;
