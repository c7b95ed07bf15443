import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pMap from 'p-map';
import { chosen, inCopy, ROOT } from './in-copy.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

/*
 * Writes each wrong design into a copy of the project and runs the promise that must then turn red.
 * `npm run mutants`, or `npm run mutants -- <part of a name> ...`: those whose name holds one of these. Exit code 1 when one survives.
 */

/** Each has a Postgres of its own. */
const AT_ONCE = 2;

type Verdict = { readonly mutant: Mutant; readonly killed: boolean; readonly detail: string };

async function tryMutant(mutant: Mutant): Promise<Verdict> {
  return await inCopy(mutant, async (copy) => {
    const verdict = judged(mutant, await runTest(copy, mutant));
    process.stdout.write(`${verdict.killed ? 'killed  ' : 'SURVIVED'}  ${mutant.name}: ${verdict.detail}\n`);
    return verdict;
  });
}

type Report = {
  readonly numFailedTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly message: string }[];
};

function judged(mutant: Mutant, report: Report | null): Verdict {
  if (report === null) return { mutant, killed: false, detail: 'the tests did not run' };
  const { numFailedTests: red, numPassedTests: green } = report;
  if (red + green === 0) {
    const why = report.testResults.map(({ message }) => message).join('; ');
    return { mutant, killed: false, detail: `no test ran, so nothing is known: ${why}` };
  }
  const detail = `${red} red, ${green} green of "${mutant.killedBy.test}" (${mutant.killedBy.file})`;
  return { mutant, killed: red > 0, detail };
}

async function runTest(copy: string, mutant: Mutant): Promise<Report | null> {
  const output = join(copy, 'report.json');
  const name = mutant.killedBy.test.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  // Copies share node_modules, where vitest keeps what it has compiled, and one copy clears it while another reads.
  const cache = `--fsModuleCachePath=${join(copy, 'compiled')}`;
  const args = [vitest, 'run', mutant.killedBy.file, '-t', name, '--reporter=json', `--outputFile=${output}`, cache];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' });
  await new Promise((done) => child.once('exit', done));
  try {
    return JSON.parse(readFileSync(output, 'utf8')) as Report;
  } catch {
    return null;
  }
}

const verdicts = await pMap(chosen(mutants, process.argv.slice(2)), tryMutant, { concurrency: AT_ONCE });
const survivors = verdicts.filter(({ killed }) => !killed);
process.stdout.write(`mutants: ${verdicts.length - survivors.length} killed, ${survivors.length} survived\n`);
process.exitCode = survivors.length > 0 || verdicts.length === 0 ? 1 : 0;
