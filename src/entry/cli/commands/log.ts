import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { chargeStatuses } from '../../../domain/charges/charge.ts';
import { declineClasses } from '../../../domain/declines/decline-class.ts';
import { currencies } from '../../../domain/money/money.ts';
import { standstillAt } from '../listing.ts';
import { daemonOf, group, type House, NotUnderstood, type Reaching, remoteVerb } from '../verb.ts';
import { writeFile } from '../write-file.ts';

/** `dueday log ...`: the charge log, for finance. */
export function logCommand(house: House): Command {
  return group(house, 'log', 'the charge log: every line that finance needs').addCommand(exportCommand(house));
}

type Filters = {
  readonly from?: string;
  readonly to?: string;
  readonly find?: string;
  readonly plan?: string;
  readonly customer?: string;
  readonly status?: string;
  readonly class?: string;
  readonly failureCode?: string;
  readonly channel?: string;
  readonly currency?: string;
  readonly amountFrom?: string;
  readonly amountTo?: string;
  readonly kind?: string;
  readonly account?: string;
};
const formats = ['csv', 'xlsx', 'json'] as const;
type Format = (typeof formats)[number];
type Exporting = Reaching & Filters & { readonly format?: Format; readonly out?: string };

function exportCommand(house: House): Command {
  return remoteVerb(house, 'export', 'write the charge log of a time to a file, or to stdout')
    .option('--from <date>', "first day, in the zone of the catalog's defaults, or an instant")
    .option('--to <date>', 'last day, included, or an instant')
    .option('--find <text>', "whatever names some: a reference, an id, an attempt's reference, a payment at Xendit")
    .option('--plan <plan>', 'entries about this plan')
    .option('--customer <id>', 'those of this customer, by reference or id')
    .option('--status <status>', `those about charges that are now ${chargeStatuses.join(', ')}`)
    .option('--class <class>', `the kind of decline: ${declineClasses.join(', ')}`)
    .option('--failure-code <code>', 'the code that Xendit gave')
    .option('--channel <channel>', "Xendit's code of the channel, such as CARDS")
    .option('--currency <currency>', currencies.join(', '))
    .option('--amount-from <amount>', 'this amount or more, in major units')
    .option('--amount-to <amount>', 'this amount or less, in major units')
    .option('--kind <kind>', 'entries of this kind, such as charge.paid')
    .option('--account <id>', "Xendit's id of a sub-account; '' is the merchant's own")
    .addOption(
      new Option('--format <format>', 'csv and xlsx open in a spreadsheet; --json is --format json')
        .choices([...formats])
        .default(undefined, 'csv'),
    )
    .option('--out <file>', 'the file; it appears when it is complete')
    .action(async (options: Exporting) => {
      const format = formatOf(options);
      if (format === 'xlsx' && options.out === undefined && process.stdout.isTTY)
        throw new NotUnderstood('xlsx is nothing that a terminal can show: say where it goes, with --out <file>.');
      const api = await daemonOf(house, options);
      const lines = Readable.fromWeb(await api.stream('/v1/charge-log', { ...queryOf(options), format }));
      if (options.out === undefined) await toStdout(lines);
      else await writeFile(lines, options.out, 'The log');
      if (options.out !== undefined) house.screen.complain(`Written to ${options.out}.`);
      if (format !== 'json') house.screen.complain(HOW_TO_READ);
      const told = options.json === true ? null : await standstillAt(api);
      if (told !== null) house.screen.complain(told);
    });
}

function queryOf({
  from,
  to,
  find,
  plan,
  customer,
  status,
  class: declined,
  channel,
  currency,
  kind,
  account,
  ...rest
}: Filters) {
  const { failureCode: failure_code, amountFrom: amount_from, amountTo: amount_to } = rest;
  const amounts = { currency, amount_from, amount_to };
  return { from, to, find, plan, customer, status, class: declined, failure_code, channel, ...amounts, kind, account };
}

/** Beside the file, since nobody adds up its columns twice and notices. */
const HOW_TO_READ =
  'Sum the column money, by currency: it is what moved. The column amount is what a charge comes to, and stands on each of ' +
  'its lines. The column at is in UTC, at_local in the zone beside it.';

function formatOf({ json, format }: Exporting): Format {
  if (json !== true) return format ?? 'csv';
  if (format === 'csv' || format === 'xlsx')
    throw new NotUnderstood(`--json and --format ${format} contradict each other: leave one of them out.`);
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
