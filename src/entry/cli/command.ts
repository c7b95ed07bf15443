import { type Command, CommanderError } from 'commander';
import type { Runtime } from '../../context.ts';
import { keysCommand } from './commands/access/keys.ts';
import { usersCommand } from './commands/access/users.ts';
import { armCommand } from './commands/arm.ts';
import { catalogCommand } from './commands/catalog.ts';
import { chargesCommand } from './commands/charges.ts';
import { clockCommand } from './commands/clock.ts';
import { completionCommand } from './commands/completion.ts';
import { demoCommand } from './commands/demo.ts';
import { disarmCommand } from './commands/disarm.ts';
import { disputesCommand } from './commands/disputes/disputes.ts';
import { doctorCommand } from './commands/doctor.ts';
import { importCommand } from './commands/imports/import.ts';
import { logCommand } from './commands/log.ts';
import { migrateCommand } from './commands/migrate.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { refundsCommand } from './commands/refunds/refunds.ts';
import { forecastCommand } from './commands/reports/forecast.ts';
import { seedCommand } from './commands/seed.ts';
import { startCommand } from './commands/start.ts';
import { subscriptionsCommand } from './commands/subscriptions.ts';
import { noticesCommand } from './commands/telling/owed-notices.ts';
import { verifyCommand } from './commands/verify.ts';
import { processScreen, type Screen } from './screen/screen.ts';
import { exitCodes, group, type House, NotUnderstood, SomethingToDo } from './verb.ts';

/** 0: done. 1: it failed, with its reason on stderr. 2: the command line was not understood, or there is something to do. */
export type ExitCode = 0 | 1 | 2;

/** In the order in which an admin meets them. */
const commands: readonly ((house: House) => Command)[] = [
  startCommand,
  demoCommand,
  seedCommand,
  doctorCommand,
  migrateCommand,
  catalogCommand,
  importCommand,
  keysCommand,
  usersCommand,
  subscriptionsCommand,
  noticesCommand,
  chargesCommand,
  refundsCommand,
  disputesCommand,
  logCommand,
  forecastCommand,
  reconcileCommand,
  verifyCommand,
  clockCommand,
  armCommand,
  disarmCommand,
  completionCommand,
];

/** Every command with its options, as `program` runs them. */
export function commandLine(house: House): Command {
  const root = group(
    house,
    'dueday',
    'Bills subscriptions on Xendit: every cycle collected exactly once, or a row that says why not.',
  );
  root.version(house.runtime.version).addHelpText('after', exitCodes);
  for (const command of commands) root.addCommand(command(house));
  return root;
}

/** Runs one command line; answers the exit code. */
export async function program(
  runtime: Runtime,
  argv: readonly string[],
  screen: Screen = processScreen(),
): Promise<ExitCode> {
  const root = commandLine({ runtime, screen });
  try {
    await root.parseAsync([...argv.slice(0, 2), ...plainWords(root, argv.slice(2))]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof SomethingToDo) return 2;
    screen.complain(error instanceof Error ? error.message : 'It failed.');
    return error instanceof NotUnderstood ? 2 : 1;
  }
}

/**
 * "help charges list" is "charges list --help". Where the words name a verb that there is not, --help is left out: commander
 * would show the help of what stands before it, as if all were well; so it says which verb it does not know.
 */
function plainWords(root: Command, words: readonly string[]): readonly string[] {
  const said = words.filter((word) => word !== '--help' && word !== '-h');
  const named = said[0] === 'help' ? said.slice(1) : said;
  if (named.length === words.length) return words;
  let command = root;
  for (const word of named) {
    if (word.startsWith('-') || command.commands.length === 0) return words;
    const next = command.commands.find((one) => one.name() === word);
    // A file that is to be imported, say: help is asked for its command.
    if (next === undefined && command.registeredArguments.length > 0) break;
    if (next === undefined) return named;
    command = next;
  }
  return [...named, '--help'];
}
