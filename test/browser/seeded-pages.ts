import { firstEdition } from '../../src/entry/cli/seed/editions.ts';
import { live } from '../../src/entry/cli/seed/live.ts';
import { beginOf, type Span } from '../../src/entry/cli/seed/span.ts';
import { townOf } from '../../src/entry/cli/seed/town.ts';
import { httpServer } from '../../src/entry/http/server.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { readEnv } from '../../src/infra/environment/env.ts';
import { metrics } from '../../src/infra/metrics.ts';
import { openPages } from '../../src/wire/http.ts';
import { openToSeed } from '../../src/wire/seed.ts';

/** A made-up book with a February in it, in the middle of March. */
const SPAN: Span = { subscriptions: 62, months: 2, until: Temporal.Instant.from('2026-03-12T05:00:00Z') };

export type SeededPages = {
  readonly url: string;
  /** Of rina, of finance. */
  readonly password: string;
  close(): Promise<void>;
};

/** The pages over a made-up book in an empty database, at the instant at which it ends; the clock stands still. */
export async function seededPages(databaseUrl: string, dataDir: string): Promise<SeededPages> {
  const env = readEnv({ DATABASE_URL: databaseUrl, DUEDAY_DATA_DIR: dataDir, CATALOG_FILE: 'catalog.yaml' });
  const town = townOf(SPAN);
  const stage = await openToSeed(env, { from: beginOf(SPAN), script: town.script, firstEdition });
  await live(stage.ctx, SPAN, town, stage.catalogText, () => undefined);
  const ctx = {
    ...stage.ctx,
    clock: { kind: 'system' as const, now: async () => SPAN.until },
    publicUrl: 'http://127.0.0.1',
  };
  const added = await addUser(ctx, { name: 'rina', role: 'finance', replace: false, actor: 'cli:test' });
  const pages = openPages({ url: databaseUrl }, ctx.db);
  const measured = metrics();
  const app = await httpServer(ctx, {
    bootstrapKey: null,
    pages,
    catalogFile: env.catalogFile,
    charging: ctx,
    readiness: {
      notReady: () => null,
      catalogDiffers: () => null,
      showMetrics: measured.show,
      metricsText: measured.text,
      metricsType: measured.contentType,
    },
    webhooks: null,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    password: added.kind === 'taken' ? '' : added.password,
    async close() {
      await app.close();
      await pages.close();
      await stage.close();
    },
  };
}
