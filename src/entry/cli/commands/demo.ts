import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Daemon } from '../../../context.ts';
import type { Ending } from '../demo/show.ts';
import { whenInterrupted } from '../interruption.ts';
import { Failed, type House, verb } from '../verb.ts';

/** It takes ten seconds or so; what takes this long hangs. */
const LONGEST_MS = 180_000;

/** `dueday demo`: six months of a small business in half a minute; leaves nothing behind. */
export function demoCommand(house: House): Command {
  return verb(house, 'demo', 'six months of a small business in about half a minute: no key, no network, no real money')
    .addHelpText('after', 'It fails when the money at the stand-in for Xendit is not the money in the charge log.')
    .action(async (options: { readonly json?: boolean }) => {
      const stop = new AbortController();
      const forget = whenInterrupted(() => stop.abort(new Failed('Stopped; nothing is left behind.')));
      try {
        const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(LONGEST_MS)]);
        const ending = await inPassing(house, signal, options.json === true);
        if (ending.faults.length > 0) throw new Failed(`The books do not agree:\n  ${ending.faults.join('\n  ')}`);
      } catch (error) {
        throw reasonFor(stop.signal, error);
      } finally {
        forget();
      }
    });
}

/** What ended it: the person, the time limit, or what went wrong. */
function reasonFor(stop: AbortSignal, error: unknown): unknown {
  if (stop.aborted) return stop.reason;
  const late = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return late ? new Failed('The demo was not done in three minutes: something hangs.') : error;
}

/** In a directory that passes, with a daemon of its own, whatever the environment says. */
async function inPassing({ runtime, screen }: House, signal: AbortSignal, json: boolean): Promise<Ending> {
  const { demoCatalog } = await import('../demo/catalog.ts');
  const { showDemo } = await import('../demo/show.ts');
  const directory = await mkdtemp(join(tmpdir(), 'dueday-demo-'));
  let daemon: Daemon | undefined;
  try {
    const catalogFile = join(directory, 'catalog.yaml');
    await writeFile(catalogFile, demoCatalog);
    daemon = await runtime.startDaemon({
      ...alone,
      CATALOG_FILE: catalogFile,
      DUEDAY_DATA_DIR: join(directory, 'data'),
    });
    signal.throwIfAborted();
    return await showDemo(daemon, screen, signal, json);
  } finally {
    await daemon?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Empty settings are unset ones: nothing of the admin's own installation is touched. */
const alone: Readonly<Record<string, string>> = {
  DATABASE_URL: '',
  DATABASE_URL_FILE: '',
  DUEDAY_API_KEY: '',
  DUEDAY_API_KEY_FILE: '',
  DUEDAY_CLOCK: 'virtual',
  DUEDAY_FAILPOINT: '',
  DUEDAY_LEASE_SECONDS: '',
  DUEDAY_TOKEN_KEYS: '',
  DUEDAY_TOKEN_KEYS_FILE: '',
  DUEDAY_WEBHOOK_DATABASE_URL: '',
  DUEDAY_WEBHOOK_DATABASE_URL_FILE: '',
  DUEDAY_WEBHOOK_PORT: '',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'error',
  PORT: '0',
  PUBLIC_URL: '',
  XENDIT_API_URL: '',
  XENDIT_REQUESTS_PER_MINUTE: '',
  XENDIT_SECRET_KEY: '',
  XENDIT_SECRET_KEY_FILE: '',
  XENDIT_WEBHOOK_TOKEN: '',
  XENDIT_WEBHOOK_TOKEN_FILE: '',
};
