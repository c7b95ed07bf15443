import type { Command } from 'commander';
import type { Page } from './api.ts';
import { type House, type Reaching, remoteVerb } from './verb.ts';

export type Listing = Reaching & { readonly limit: string; readonly cursor?: string };

/** A `list` command: it shows a page, and says how to see the next. */
export function listVerb(house: House, description: string): Command {
  return remoteVerb(house, 'list', description)
    .option('--limit <n>', 'at most so many, 1 to 500', '100')
    .option('--cursor <cursor>', 'where the last page ended');
}

/** JSON carries its own cursor; people are told on stderr, out of the way of a pipe. */
export function nextPage({ screen }: House, { json }: Reaching, { next_cursor }: Page<unknown>): void {
  if (json !== true && next_cursor !== null) screen.complain(`There are more: add --cursor ${next_cursor}`);
}
