import { type AddressInfo, createServer } from 'node:net';
import type { Env } from './env.ts';
import { listenFault } from './listen-fault.ts';

/** Port 0 is one that is free; it must be known before the sandbox is told where to send its webhooks. */
export async function withFreePorts(env: Env): Promise<Env> {
  const port = await held(env.host, 'PORT', env.port);
  // The first is held until the second is known: what was let go may be given out again.
  const webhookPort = env.webhookPort === null ? null : await held(env.host, 'DUEDAY_WEBHOOK_PORT', env.webhookPort);
  await port.letGo();
  await webhookPort?.letGo();
  return {
    ...env,
    port: port.number,
    webhookPort: webhookPort?.number ?? null,
    publicUrl: env.publicUrl.replace(/:0$/, `:${port.number}`),
  };
}

type Held = { readonly number: number; letGo(): Promise<void> };

/** A free port, kept from others; a port that was said is taken as it is. */
async function held(host: string, variable: 'PORT' | 'DUEDAY_WEBHOOK_PORT', number: number): Promise<Held> {
  if (number !== 0) return { number, letGo: async () => undefined };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer().once('error', (error) => reject(listenFault(error, { variable, host, port: number })));
  server.listen(0, host, resolve);
  await promise;
  return { number: (server.address() as AddressInfo).port, letGo: () => server[Symbol.asyncDispose]() };
}
