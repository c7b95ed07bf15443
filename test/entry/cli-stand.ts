import type { Runtime } from '../../src/context.ts';
import { type ExitCode, program } from '../../src/entry/cli/command.ts';
import type { Screen } from '../../src/entry/cli/screen/screen.ts';
import { type Env, readEnv } from '../../src/infra/environment/env.ts';
import { checkCatalog } from '../../src/wire/catalog.ts';
import { migrateDatabase, openContext } from '../../src/wire/command.ts';
import { examine } from '../../src/wire/doctor.ts';
import { openToSeed } from '../../src/wire/seed.ts';
import { startDaemon } from '../../src/wire/wire.ts';

export type Ran = { readonly code: ExitCode; readonly out: string; readonly err: string };
/** Where the daemon is that a command asks. */
type Endpoint = () => ReturnType<Runtime['endpoint']> | Awaited<ReturnType<Runtime['endpoint']>>;
type Settings = Readonly<Record<string, string>>;

/** The house as main.ts wires it, with settings instead of the environment. */
export function runtimeWith(settings: Settings, endpoint: Endpoint): Runtime {
  const env = (more: Settings = {}): Env => readEnv({ ...settings, ...more });
  return {
    version: '1.2.3',
    startDaemon: (overrides) => startDaemon(env(overrides)),
    openContext: () => openContext(env()),
    openToSeed: (wish) => openToSeed(env(), wish),
    migrate: () => migrateDatabase(env()),
    doctor: async () => examine(env(), (await endpoint()).url),
    checkCatalog: (file) => checkCatalog(file ?? env().catalogFile),
    endpoint: async () => endpoint(),
  };
}

/** Runs a command line as a pipe would see it. */
export async function run(runtime: Runtime, ...words: readonly string[]): Promise<Ran> {
  return await runAsked(runtime, null, ...words);
}

/** Runs a command line at a terminal where this is who answers; null: there is none. */
export async function runAsked(runtime: Runtime, ask: Screen['ask'], ...words: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const screen: Screen = {
    print: (line) => void out.push(line),
    complain: (line) => void err.push(line),
    redraw: () => undefined,
    live: false,
    width: null,
    ask,
    paint: (_style, text) => text,
  };
  const code = await program(runtime, ['node', 'dueday', ...words], screen);
  return { code, out: out.join('\n'), err: err.join('\n') };
}
