#!/usr/bin/env node
import manifest from '../package.json' with { type: 'json' };
import type { Runtime } from './context.ts';
import { program } from './entry/cli/command.ts';
import type { Env } from './infra/config/env.ts';
import { readEnv } from './infra/config/env.ts';
import { readFacts } from './infra/config/run-file.ts';

/** The environment, with what the command overrules. */
function env(overrides: Readonly<Record<string, string>> = {}): Env {
  return readEnv({ ...process.env, ...overrides });
}

/** The house is wired only when a command asks for it: help and catalog check load no database. */
const runtime: Runtime = {
  version: manifest.version,
  startDaemon: async (overrides) => (await import('./wire.ts')).startDaemon(env(overrides)),
  openContext: async () => (await import('./wire-command.ts')).openContext(env()),
  migrate: async () => (await import('./wire-command.ts')).migrateDatabase(env()),
  doctor: async () => (await import('./wire-doctor.ts')).examine(env()),
  checkCatalog: async (file) => (await import('./wire-command.ts')).checkCatalog(file ?? env().catalogFile),
  endpoint() {
    const { publicUrl, apiKey, dataDir, databaseUrl } = env();
    const facts = databaseUrl === null ? readFacts(dataDir) : null;
    return { url: process.env.PUBLIC_URL ?? facts?.url ?? publicUrl, apiKey: apiKey ?? facts?.apiKey ?? null };
  },
};

process.exitCode = await program(runtime, process.argv);
