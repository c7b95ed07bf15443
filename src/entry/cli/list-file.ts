import { Readable } from 'node:stream';
import { type Command, Option } from 'commander';
import type { Api, Query } from './api.ts';
import type { House } from './verb.ts';
import { writeFile } from './write-file.ts';

/** Where a list goes instead of the screen: all of it, in the columns of its page. */
export type ListFile = { readonly csv?: string; readonly xlsx?: string };

export function fileOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--csv <file>', 'write the whole list to this file, which appears when it is complete').conflicts(
        'xlsx',
      ),
    )
    .addOption(new Option('--xlsx <file>', 'the same as a workbook, with typed cells'));
}

/** Whether the list was asked for as a file, which then is written. */
export async function wroteFile(
  { screen }: House,
  api: Api,
  asked: { readonly path: string; readonly query: Query; readonly file: ListFile },
): Promise<boolean> {
  const { path, query, file } = asked;
  const [format, name] = file.csv === undefined ? (['xlsx', file.xlsx] as const) : (['csv', file.csv] as const);
  if (name === undefined) return false;
  await writeFile(Readable.fromWeb(await api.stream(path, { ...query, format })), name, 'The list');
  screen.complain(`Written to ${name}.`);
  return true;
}
