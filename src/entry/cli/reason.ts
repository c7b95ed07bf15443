import { Option } from 'commander';
import { reasonText } from '../http/api/texts.ts';
import { inOurWords } from '../http/validation.ts';
import { type Confirming, isAsked, notConfirmed } from './confirmation.ts';
import { Failed, type House, NotUnderstood } from './verb.ts';

/** `--reason <text>`, as the API takes one. */
export function reasonOption(about: string): Option {
  return new Option('--reason <text>', about).argParser((text: string) => {
    const read = readReason(text);
    if ('fault' in read) throw new NotUnderstood(`--reason: ${read.fault}.`);
    return read.reason;
  });
}

/** Asks for a reason in one line; null when the line is empty. Throws `Failed` when they leave, or it cannot be kept. */
export async function askReason({ screen }: House): Promise<string | null> {
  const said = await screen.ask?.('Why, for the record (one line, may be empty): ');
  if (said === null || said === undefined) throw notConfirmed();
  if (said.trim() === '') return null;
  const read = readReason(said.trim());
  if ('fault' in read) throw new Failed(`Nothing was done: the reason: ${read.fault}.`);
  return read.reason;
}

/** The reason of what may not be done without one: given with `--reason`, else asked for where somebody can be. */
export async function askedOrGiven(house: House, options: Confirming & { readonly reason?: string }): Promise<string> {
  if (options.reason !== undefined) return options.reason;
  if (!isAsked(house, options)) throw new NotUnderstood('--reason: say why, in 10 to 500 characters.');
  const said = await house.screen.ask?.('Why, for the record (10 to 500 characters): ');
  if (said === null || said === undefined) throw notConfirmed();
  const read = readReason(said.trim());
  if ('fault' in read) throw new Failed(`Nothing was done: the reason: ${read.fault}.`);
  return read.reason;
}

function readReason(text: string): { readonly reason: string } | { readonly fault: string } {
  const read = reasonText.safeParse(text, { error: inOurWords });
  return read.success ? { reason: read.data } : { fault: read.error.issues.map(({ message }) => message).join(', ') };
}
