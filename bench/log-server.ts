import { httpServer } from '../src/entry/http/server.ts';
import { POOL_SIZE } from '../src/infra/database/pool.ts';
import { readEnv } from '../src/infra/environment/env.ts';
import { metrics } from '../src/infra/metrics.ts';
import { openContext } from '../src/wire/command.ts';

/*
 * The HTTP side of a daemon in a process of its own, so that its memory and its CPU are what the export needs. Told to stop it says
 * what both came to.
 */

const { ctx, close } = await openContext(readEnv(process.env), POOL_SIZE);
const measured = metrics();
const app = await httpServer(ctx, {
  bootstrapKey: process.env.DUEDAY_API_KEY ?? '',
  pages: { look: (work) => work(ctx.db) },
  catalogFile: 'catalog.yaml',
  charging: ctx,
  readiness: {
    notReady: () => null,
    catalogDiffers: () => null,
    showMetrics: measured.show,
    metricsText: measured.text,
    metricsType: measured.contentType,
  },
  webhooks: { ctx, tokens: ['token-of-the-bench'] },
});
process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
const started = process.cpuUsage();
const idleMemory = process.memoryUsage.rss();
let mostMemory = idleMemory;
setInterval(() => {
  mostMemory = Math.max(mostMemory, process.memoryUsage.rss());
}, 20).unref();
process.once('message', () => {
  const { user, system } = process.cpuUsage(started);
  process.send?.({ cpuSeconds: (user + system) / 1e6, idleMemory, mostMemory });
});
process.once('disconnect', () => {
  void app.close().then(close);
});
