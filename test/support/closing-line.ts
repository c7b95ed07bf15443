import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with `tests: N passed, N failed` on a line of its own, for scripts to read. */
export function closingLine(
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Reporter {
  return {
    onTestRunEnd(modules, unhandled, reason) {
      write(countsOf(modules, unhandled.length, reason === 'passed'));
    },
  };
}

/** What fails outside a test (a file that cannot be loaded, an error nobody caught, no tests) counts as a failed test. */
function countsOf(modules: readonly TestModule[], unhandled: number, isGood: boolean): string {
  const count = { passed: 0, failed: unhandled, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) count[test.result().state] += 1;
    for (const suite of [module, ...module.children.allSuites()]) {
      if (suite.errors().length > 0) count.failed += 1;
    }
  }
  if (!isGood) count.failed = Math.max(1, count.failed);
  const skipped = count.skipped + count.pending;
  return `tests: ${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
