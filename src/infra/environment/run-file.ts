import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Env } from './env.ts';

/** How the daemon on this machine is reached, for the commands beside it. Holds the sandbox's key, so it is ours alone. */
export type RunFacts = {
  readonly url: string;
  readonly apiKey: string | null;
  /** The file of its plans, whatever folder a command is typed in; one of an older version does not say. */
  readonly catalogFile?: string;
  /** The clock that it lives by, and who looks at what it did. */
  readonly clock: 'system' | 'virtual';
  readonly sandboxUrl: string | null;
  /** The key that the sandbox takes, and since when it remembers anything. */
  readonly sandboxKey: string | null;
  readonly sandboxSince: string | null;
};

type OwnFacts = Omit<RunFacts, 'url' | 'clock' | 'catalogFile'>;

export function writeFacts({ dataDir, publicUrl, clock, catalogFile }: Env, own: OwnFacts): void {
  const facts: RunFacts = { url: publicUrl, clock, catalogFile: resolve(catalogFile), ...own };
  writeFileSync(join(dataDir, 'daemon.json'), `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
}

/** The variables that a command needs to find a daemon with these settings from another terminal in the same folder. */
export function settingsBeside({ databaseUrl, dataDir, publicUrl }: Env, madeKey: string | null): string {
  if (databaseUrl !== null) return `PUBLIC_URL=${publicUrl} DUEDAY_API_KEY=${madeKey ?? '"$DUEDAY_API_KEY"'} `;
  const quoted = resolve(dataDir).replaceAll("'", "'\\''");
  return resolve(dataDir) === resolve('data') ? '' : `DUEDAY_DATA_DIR='${quoted}' `;
}

/** Null when no daemon has written any. */
export function readFacts(dataDir: string): RunFacts | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'daemon.json'), 'utf8')) as RunFacts;
  } catch {
    return null;
  }
}
