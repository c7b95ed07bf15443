import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import type { Readiness } from '../entry/http/health.ts';
import { closeServer, httpServer, type Intake, webhookServer } from '../entry/http/server.ts';
import { type Database, openDatabase } from '../infra/database/db.ts';
import { openSnapshots, type Snapshots } from '../infra/database/pages/snapshots.ts';
import type { Env } from '../infra/environment/env.ts';
import { listenFault } from '../infra/environment/listen-fault.ts';

/** The API waits in a line of its own for connections of its own: charging's are never behind it. */
const API = { poolSize: 3, longestLine: 100, applicationName: 'dueday api' };

/** Pages read over few connections, and each within two seconds: reading never slows charging. */
const PAGES = { poolSize: 2, longestLine: 20, deadlineMs: 2_500, applicationName: 'dueday pages' };

export function openPages(
  place: { readonly url: string; readonly lookThere?: string },
  { vault, groups }: Database,
): Snapshots {
  return openSnapshots({ ...PAGES, ...place, vault, groups });
}

export function openApi(
  place: { readonly url: string; readonly lookThere?: string },
  vault: Database['vault'],
): Database {
  return openDatabase({ ...API, ...place, vault });
}

/** Answers get so long to end; then what still hangs is cut. */
const CLOSING_MS = 10_000;

type Doors = {
  /** Over connections of its own, so that no crowd of calls takes one from charging. */
  readonly api: Context;
  readonly pages: Snapshots;
  readonly bootstrapKey: string | null;
  readonly readiness: Readiness;
  readonly webhooks: Intake;
  /** Told when a listener is gone that nobody closed. */
  readonly lost: (why: string) => void;
};

type Listener = {
  readonly app: FastifyInstance;
  readonly variable: 'PORT' | 'DUEDAY_WEBHOOK_PORT';
  readonly port: number;
};

/**
 * The doors of the daemon, not yet listening: one for everybody, or with DUEDAY_WEBHOOK_PORT another one for Xendit alone.
 * Both close together, each without cutting off an answer.
 */
export async function openDoors(
  env: Env,
  ctx: Context,
  { api, pages, bootstrapKey, readiness, webhooks, lost }: Doors,
): Promise<{ listen(): Promise<void>; close(): Promise<void> }> {
  const { host, webhookPort, catalogFile } = env;
  const options = {
    bootstrapKey,
    pages,
    catalogFile,
    readiness,
    charging: ctx,
    webhooks: webhookPort === null ? webhooks : null,
  };
  const listeners: Listener[] = [{ app: await httpServer(api, options), variable: 'PORT', port: env.port }];
  if (webhookPort !== null)
    listeners.push({ app: await webhookServer(webhooks), variable: 'DUEDAY_WEBHOOK_PORT', port: webhookPort });
  let closing = false;
  return {
    async listen() {
      for (const { app, variable, port } of listeners) {
        await app.listen({ host, port }).catch((error: unknown) => {
          throw listenFault(error, { variable, host, port });
        });
        app.server.once('close', () => closing || lost(`The listener of ${variable} is gone.`));
      }
    },
    async close() {
      closing = true;
      await Promise.all(listeners.map(({ app }) => closeServer(app, CLOSING_MS)));
    },
  };
}
