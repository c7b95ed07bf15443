import type { Command } from 'commander';
import type { Api, Page } from './api.ts';
import { standstill } from './standstill.ts';
import { answer, type House, type Reaching, remoteVerb } from './verb.ts';

export type Listing = Reaching & { readonly limit: string; readonly cursor?: string };

/** A `list` command: it shows a page, and says how to see the next. */
export function listVerb(house: House, description: string): Command {
  return remoteVerb(house, 'list', description)
    .option('--limit <n>', 'at most so many, 1 to 500', '100')
    .option('--cursor <cursor>', 'where the last page ended');
}

/** Shows a page: as JSON, or in words with what keeps charges from going on and how to see the next page. */
export async function showPage<P extends Page<unknown>>(
  { screen }: House,
  api: Api,
  options: Reaching,
  page: P,
  words: (page: P) => string,
  isListOfHeld = false,
): Promise<void> {
  const isForPeople = options.json !== true;
  const told = isForPeople ? await standstillAt(api, isListOfHeld) : null;
  answer(screen, options, page, () =>
    [page.data.length === 0 ? 'There are none.' : words(page), ...(told === null ? [] : ['', told])].join('\n'),
  );
  // On stderr, out of the way of a pipe.
  if (isForPeople && page.next_cursor !== null) screen.complain(`There are more: add --cursor ${page.next_cursor}`);
}

/** What keeps charges from going on there, in a line; null: nothing, as far as the daemon tells. */
export async function standstillAt(api: Api, isListOfHeld = false): Promise<string | null> {
  const standing = await api.standing();
  return standing === null ? null : standstill(standing, isListOfHeld);
}
