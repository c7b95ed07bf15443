import type { AddressInfo } from 'node:net';
import { componentRoutes } from './components/routes.ts';
import { controlApi } from './control.ts';
import { makeServer } from './http/server.ts';
import { actionPages } from './pages/action.ts';
import { checkoutPages } from './pages/checkout.ts';
import { disputePages } from './pages/disputes.ts';
import { makeWorld } from './world.ts';
import { xenditApi } from './xendit-api.ts';

export type SandboxOptions = {
  /** 0 or unset: a free one. It listens on 127.0.0.1 only. */
  port?: number;
  secretKey: string;
  /** Unset: no webhooks. */
  webhookUrl?: string;
  callbackToken: string;
  clock: 'system' | 'manual';
  /** Where a manual clock starts; unset: now. */
  now?: Temporal.Instant;
  /** The same seed gives the same ids. */
  seed?: number;
  /** For each endpoint; unset: no limit. */
  requestsPerMinute?: number;
  /** Keeps no log of requests and webhooks, for long runs under load. */
  dropHistory?: boolean;
};

export type Sandbox = { url: string; close(): Promise<void> };

/** Starts a stand-in for Xendit. Everything else happens over HTTP: see README.md and control.ts in this folder. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = makeWorld(options);
  const app = makeServer();
  xenditApi(app, world);
  checkoutPages(app, world);
  actionPages(app, world);
  componentRoutes(app, world);
  disputePages(app, world);
  controlApi(app, world);
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  world.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    url: world.url,
    async close() {
      world.clock.stop();
      world.courier.close();
      await app.close();
    },
  };
}
