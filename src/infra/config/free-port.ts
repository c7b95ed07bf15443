import { type AddressInfo, createServer } from 'node:net';
import type { Env } from './env.ts';

/** Port 0 is one that is free; it must be known before the sandbox is told where to send its webhooks. */
export async function withFreePort(env: Env): Promise<Env> {
  if (env.port !== 0) return env;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer().once('error', reject);
  probe.listen(0, env.host, () => {
    const { port } = probe.address() as AddressInfo;
    probe.close(() => resolve(port));
  });
  const port = await promise;
  return { ...env, port, publicUrl: env.publicUrl.replace(/:0$/, `:${port}`) };
}
