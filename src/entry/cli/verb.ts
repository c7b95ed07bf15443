import { Command, Option } from 'commander';
import type { Runtime } from '../../context.ts';
import { type Api, apiAt } from './api.ts';
import type { Screen } from './screen/screen.ts';

/** What every command gets. */
export type House = { readonly runtime: Runtime; readonly screen: Screen };

/** It could not be done; the message is all that is to be told. */
export class Failed extends Error {
  override readonly name = 'Failed';
}

/** It was done, and a pipeline is to learn that there is something to do: exit code 2. */
export class SomethingToDo extends Error {
  override readonly name = 'SomethingToDo';
}

/** The words could not be understood: a fault of the command line. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

export const exitCodes =
  '\nExit codes: 0 done, 1 failed (the reason is on stderr), 2 the command line was not understood, or with --exit-code there is something to do.';

/** A command that prints for people, or with --json for programs. */
export function verb({ screen }: House, name: string, description: string): Command {
  return group({ screen }, name, description)
    .addHelpText('after', exitCodes)
    .option('--json', 'print JSON, for programs');
}

/** A command that has commands of its own. An option belongs to the command that it follows, though the one before that has one of the same name. */
export function group({ screen }: Pick<House, 'screen'>, name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError(`Try --help.`)
    .configureOutput({
      writeOut: (text) => screen.print(text.trimEnd()),
      writeErr: (text) => screen.complain(text.trimEnd()),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** A command that asks the running daemon. */
export function remoteVerb(house: House, name: string, description: string): Command {
  return verb(house, name, description)
    .addOption(new Option('--url <url>', 'where the daemon listens').env('PUBLIC_URL'))
    .addOption(
      new Option('--api-key <key>', 'an API key; better in the environment, where ps does not show it').env(
        'DUEDAY_API_KEY',
      ),
    );
}

export type Reaching = { readonly url?: string; readonly apiKey?: string; readonly json?: boolean };

/** The daemon that is meant: by option, environment, or the one that runs beside us in the data directory. */
export async function daemonOf({ runtime }: House, options: Reaching): Promise<Api> {
  const near = await runtime.endpoint();
  const url = options.url || near.url;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new NotUnderstood(`--url (or PUBLIC_URL): "${url}" is no http or https address, like http://127.0.0.1:8080.`);
  // The key of the daemon next door is for that daemon only.
  const apiKey = options.apiKey || (url === near.url ? near.apiKey : null);
  return apiAt(url, apiKey);
}

/** Prints an answer: as JSON where asked for, else in words. */
export function answer(
  screen: Screen,
  options: { readonly json?: boolean },
  facts: unknown,
  words: () => string,
): void {
  screen.print(options.json === true ? JSON.stringify(facts, null, 2) : words());
}
