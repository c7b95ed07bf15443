import { resolve } from 'node:path';
import type { XenditBooks } from '../context.ts';
import { hasDatabase } from '../infra/embedded-postgres/home.ts';
import type { Env } from '../infra/environment/env.ts';
import { readFacts } from '../infra/environment/run-file.ts';
import type { Log } from '../infra/logger.ts';
import { openStore, type Store } from './wire.ts';

/** Commands look at what is there: in one that they made themselves nothing would be wrong, whatever is meant. */
export async function openStoreThere(env: Env, log: Log): Promise<Store> {
  if (env.databaseUrl === null && !hasDatabase(env.dataDir)) throw new Error(noDatabase(env));
  return await openStore(env, log);
}

function noDatabase({ dataDir }: Env): string {
  return (
    `There is no database in ${resolve(dataDir)}: "dueday start" or "dueday migrate" makes one. ` +
    'If another is meant, run this where that one is, or set DUEDAY_DATA_DIR or DATABASE_URL.'
  );
}

/** Who looks at what a daemon with a sandbox did goes by its clock. With a key of Xendit's the environment has the word. */
export function besideDaemon(env: Env): Env {
  const near = env.databaseUrl === null && env.xendit === null ? readFacts(env.dataDir) : null;
  return { ...env, clock: near?.clock ?? env.clock };
}

/** The account, or the sandbox of the daemon that runs beside us in the data directory; null when there is neither. */
export function xenditNear(env: Env): (XenditBooks & { readonly url: string; readonly secretKey: string }) | null {
  if (env.xendit !== null) return { url: env.xenditApiUrl, secretKey: env.xendit.secretKey, since: null };
  const near = env.databaseUrl === null ? readFacts(env.dataDir) : null;
  if (near === null || near.sandboxUrl === null || near.sandboxKey === null || near.sandboxSince === null) return null;
  return { url: near.sandboxUrl, secretKey: near.sandboxKey, since: Temporal.Instant.from(near.sandboxSince) };
}
