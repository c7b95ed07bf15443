import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { standstillAt } from '../listing.ts';
import { daemonOf, Failed, group, type House, NotUnderstood, type Reaching, remoteVerb } from '../verb.ts';

/** `dueday log ...`: the charge log, for finance. */
export function logCommand(house: House): Command {
  return group(house, 'log', 'the charge log: every line that finance needs').addCommand(exportCommand(house));
}

type Exporting = Reaching & {
  readonly from?: string;
  readonly to?: string;
  readonly format?: 'csv' | 'json';
  readonly out?: string;
};

function exportCommand(house: House): Command {
  return remoteVerb(house, 'export', 'write the charge log of a time to a file, or to stdout')
    .option('--from <date>', "first day, in the zone of the catalog's defaults, or an instant")
    .option('--to <date>', 'last day, included, or an instant')
    .addOption(
      new Option('--format <format>', 'csv opens in a spreadsheet; --json is --format json')
        .choices(['csv', 'json'])
        .default(undefined, 'csv'),
    )
    .option('--out <file>', 'the file; it appears when it is complete')
    .action(async (options: Exporting) => {
      const format = formatOf(options);
      const api = await daemonOf(house, options);
      const body = await api.stream('/v1/charge-log', {
        from: options.from,
        to: options.to,
        format,
      });
      const lines = Readable.fromWeb(body);
      if (options.out === undefined) await toStdout(lines);
      else await toFile(lines, options.out);
      if (options.out !== undefined) house.screen.complain(`Written to ${options.out}.`);
      if (format === 'csv') house.screen.complain(HOW_TO_READ);
      const told = options.json === true ? null : await standstillAt(api);
      if (told !== null) house.screen.complain(told);
    });
}

/** Beside the file, since nobody adds up its columns twice and notices. */
const HOW_TO_READ =
  'Sum the column money, by currency: it is what moved. The column amount is what a charge comes to, and stands on each of ' +
  'its lines. The column at is in UTC, at_local in the zone beside it.';

function formatOf({ json, format }: Exporting): 'csv' | 'json' {
  if (json !== true) return format ?? 'csv';
  if (format === 'csv')
    throw new NotUnderstood('--json and --format csv contradict each other: leave one of them out.');
  return 'json';
}

/** A reader that has read enough (head) is no fault. */
async function toStdout(lines: Readable): Promise<void> {
  try {
    await pipeline(lines, process.stdout, { end: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return;
    throw error;
  }
}

/** Under another name until it is whole: half an export must not be taken for one. */
async function toFile(lines: Readable, file: string): Promise<void> {
  const partial = `${file}.part`;
  try {
    await pipeline(lines, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw new Failed(`The log could not be written to ${file}: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
