import { CommanderError } from 'commander';
import type { Runtime } from '../../context.ts';
import { demoCommand } from './commands/demo.ts';
import { startCommand } from './commands/start.ts';
import { processScreen, type Screen } from './screen.ts';
import { exitCodes, group, NotUnderstood } from './verb.ts';

/** 0: done. 1: it failed, with its reason on stderr. 2: the command line was not understood. */
export type ExitCode = 0 | 1 | 2;

/** Runs one command line; answers the exit code. */
export async function program(runtime: Runtime, argv: readonly string[], screen: Screen = processScreen()): Promise<ExitCode> {
  const house = { runtime, screen };
  const root = group(house, 'dueday', 'Bills subscriptions on Xendit: every cycle collected exactly once, or a row that says why not.');
  root.addHelpText('after', exitCodes);
  for (const command of [startCommand(house), demoCommand(house)]) root.addCommand(command);
  try {
    await root.parseAsync(argv as string[]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    screen.complain(error instanceof Error ? error.message : 'It failed.');
    return error instanceof NotUnderstood ? 2 : 1;
  }
}
