import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the daemon on this machine is reached, for the commands beside it. Holds the sandbox's key, so it is ours alone. */
export type RunFacts = {
  readonly url: string;
  readonly apiKey: string | null;
  /** The clock that it lives by, and who looks at what it did. */
  readonly clock: 'system' | 'virtual';
  readonly sandboxUrl: string | null;
  /** The key that the sandbox takes, and since when it remembers anything. */
  readonly sandboxKey: string | null;
  readonly sandboxSince: string | null;
};

export function writeFacts(dataDir: string, facts: RunFacts): void {
  writeFileSync(join(dataDir, 'daemon.json'), `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
}

/** Null when no daemon has written any. */
export function readFacts(dataDir: string): RunFacts | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'daemon.json'), 'utf8')) as RunFacts;
  } catch {
    return null;
  }
}
