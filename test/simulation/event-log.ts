import { createHash } from 'node:crypto';

/** What happened in one seed, line by line: its hash says whether two runs were the same, its tail what came last. */
export type EventLog = {
  /** `at` is simulated time, in milliseconds since 1970. */
  add(at: number, line: string): void;
  lines(): number;
  hash(): string;
  tail(): readonly string[];
};

export function eventLog(keep: number): EventLog {
  const hash = createHash('sha256');
  const last: string[] = [];
  let count = 0;
  let pending = '';
  return {
    add(at, line) {
      count += 1;
      pending += `${at} ${line}\n`;
      if (pending.length > 16_384) {
        hash.update(pending);
        pending = '';
      }
      last.push(`${at} ${line}`);
      if (last.length > 2 * keep) last.splice(0, keep);
    },
    lines: () => count,
    hash: () => hash.copy().update(pending).digest('hex'),
    tail: () => last.slice(-keep).map(readable),
  };
}

function readable(line: string): string {
  const space = line.indexOf(' ');
  return `${Temporal.Instant.fromEpochMilliseconds(Number(line.slice(0, space))).toString()}${line.slice(space)}`;
}
