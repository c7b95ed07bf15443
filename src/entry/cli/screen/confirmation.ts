import { type Command, Option } from 'commander';
import { Failed, type House } from '../verb.ts';

export type Confirming = { readonly json?: boolean; readonly yes?: boolean };

/** A command that a person at a terminal confirms before it acts. */
export function confirmed(command: Command): Command {
  return command.addOption(new Option('--yes', 'do it without asking; where no terminal is, nothing is asked'));
}

/** Whether somebody is there to be asked: at a terminal, with an answer for people wanted, and nothing said beforehand. */
export function isAsked({ screen }: House, { json, yes }: Confirming): boolean {
  return screen.ask !== null && json !== true && yes !== true;
}

/** Shows what will happen and goes on when `word` is typed, which nobody types by habit; throws `Failed` otherwise. */
export async function confirm({ screen }: House, word: string, whatHappens: string): Promise<void> {
  screen.print(whatHappens);
  const said = await screen.ask?.(`Type ${word} to go on: `);
  if (said?.trim() !== word) throw notConfirmed();
}

/** They said something else, or left. */
export function notConfirmed(): Failed {
  return new Failed('Nothing was done: it was not confirmed.');
}
