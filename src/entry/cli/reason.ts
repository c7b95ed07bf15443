import type { Command } from 'commander';
import { type Confirming, isAsked, notConfirmed } from './screen/confirmation.ts';
import { Failed, type House, NotUnderstood } from './verb.ts';

/** A command with `--reason <text>`, as the API takes one; whatever else is wrong, nothing is begun with a bad reason. */
export function reasoned(command: Command, about: string): Command {
  return command.option('--reason <text>', about).hook('preAction', async () => {
    const { reason } = command.opts<{ readonly reason?: string }>();
    const read = reason === undefined ? { reason } : await readReason(reason);
    if ('fault' in read) throw new NotUnderstood(`--reason: ${read.fault}.`);
  });
}

/** Asks for a reason in one line; null when the line is empty. Throws `Failed` when they leave, or it cannot be kept. */
export async function askReason({ screen }: House): Promise<string | null> {
  const said = await screen.ask?.('Why, for the record (one line, may be empty): ');
  if (said === null || said === undefined) throw notConfirmed();
  if (said.trim() === '') return null;
  const read = await readReason(said.trim());
  if ('fault' in read) throw new Failed(`Nothing was done: the reason: ${read.fault}.`);
  return read.reason;
}

/** The reason of what may not be done without one: given with `--reason`, else asked for where somebody can be. */
export async function askedOrGiven(house: House, options: Confirming & { readonly reason?: string }): Promise<string> {
  if (options.reason !== undefined) return options.reason;
  if (!isAsked(house, options)) throw new NotUnderstood('--reason: say why, in 10 to 500 characters.');
  const said = await house.screen.ask?.('Why, for the record (10 to 500 characters): ');
  if (said === null || said === undefined) throw notConfirmed();
  const read = await readReason(said.trim());
  if ('fault' in read) throw new Failed(`Nothing was done: the reason: ${read.fault}.`);
  return read.reason;
}

async function readReason(text: string): Promise<{ readonly reason: string } | { readonly fault: string }> {
  const { reasonText } = await import('../http/api/texts.ts');
  const { inOurWords } = await import('../http/validation.ts');
  const read = reasonText.safeParse(text, { error: inOurWords });
  return read.success ? { reason: read.data } : { fault: read.error.issues.map(({ message }) => message).join(', ') };
}
