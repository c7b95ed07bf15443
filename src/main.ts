import { createRequire } from 'node:module';
import type { Runtime } from './context.ts';
import { program } from './entry/cli/command.ts';
import type { Env } from './infra/environment/env.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** The environment, with what the command overrules. */
async function env(overrides: Readonly<Record<string, string>> = {}): Promise<Env> {
  const { readEnv } = await import('./infra/environment/env.ts');
  return readEnv({ ...process.env, ...overrides });
}

/** The house is wired only when a command asks for it: help loads neither the environment nor the database. */
const runtime: Runtime = {
  version,
  startDaemon: async (overrides) => (await import('./wire/wire.ts')).startDaemon(await env(overrides)),
  openContext: async () => (await import('./wire/command.ts')).openContext(await env()),
  openToSeed: async (wish) => (await import('./wire/seed.ts')).openToSeed(await env(), wish),
  migrate: async () => (await import('./wire/command.ts')).migrateDatabase(await env()),
  doctor: async () => (await import('./wire/doctor.ts')).examine(await env(), (await runtime.endpoint()).url),
  checkCatalog: async (file) => (await import('./wire/catalog.ts')).checkCatalog(file ?? (await env()).catalogFile),
  async endpoint() {
    const { publicUrl, apiKey, dataDir, databaseUrl } = await env();
    const { readFacts } = await import('./infra/environment/run-file.ts');
    const facts = databaseUrl === null ? readFacts(dataDir) : null;
    return { url: process.env.PUBLIC_URL ?? facts?.url ?? publicUrl, apiKey: apiKey ?? facts?.apiKey ?? null };
  },
};

process.exitCode = await program(runtime, process.argv);
