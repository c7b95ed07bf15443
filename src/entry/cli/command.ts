import { Command, CommanderError } from 'commander';
import type { Runtime } from '../../context.ts';
import { startCommand } from './commands/start.ts';

/** 0: done. 1: it failed, with its reason on stderr. 2: the command was not understood. */
export type ExitCode = 0 | 1 | 2;

/** Runs one command line; answers the exit code. */
export async function program(runtime: Runtime, argv: readonly string[]): Promise<ExitCode> {
  const root = new Command('dueday')
    .description('Bills subscriptions on Xendit: every cycle collected exactly once, or a row that says why not.')
    .exitOverride()
    .showSuggestionAfterError();
  for (const command of [startCommand(runtime)]) root.addCommand(command.exitOverride());
  try {
    await root.parseAsync(argv as string[]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${error instanceof Error ? error.message : 'It failed.'}\n`);
    return 1;
  }
}
