import type { Command } from 'commander';
import type { ImportOptions, SwitchOptions } from '../../deeds/import.ts';
import { type House, NotUnderstood, verb } from '../../verb.ts';

/** `dueday import ...`: the subscribers of another biller. */
export function importCommand(house: House): Command {
  const about =
    'take over the subscribers of another biller, from a CSV file: all faults first, then all or nobody; they wait for the switch';
  return verb(house, 'import', about)
    .enablePositionalOptions()
    .argument('[file]', 'a CSV file in UTF-8, its first line with the names of the columns')
    .option('--dry-run', 'look at everything, the tokens at Xendit included, and create nobody')
    .addHelpText('after', COLUMNS)
    .action(async (file: string | undefined, options: ImportOptions) => {
      if (file === undefined) throw new NotUnderstood('import: which file? See "dueday import --help".');
      await (await import('../../deeds/import.ts')).importSubscribers(house, file, options);
    })
    .addCommand(switchCommand(house))
    .addCommand(statusCommand(house));
}

const COLUMNS = `
Columns, in any order: reference_id, plan, customer_reference, customer_id (Xendit's: cust-...), payment_token_id (pt-...),
  next_payment_date (2026-01-31: the next charge falls on this day, whatever came before), cycle (the number that it has, the
  first of all being 0); and amount (left out: the price of the plan), time_zone, metadata (a JSON object of texts).`;

function switchCommand(house: House): Command {
  const about =
    'let imported subscriptions go on here, each looked at once more; charges nothing by itself, and leaves those out that renew within 24 hours';
  return verb(house, 'switch', about)
    .option('--limit <n>', 'so many at most: begin with a few, and look at their first charges')
    .action(async (options: SwitchOptions) =>
      (await import('../../deeds/import.ts')).switchSubscribers(house, options),
    );
}

function statusCommand(house: House): Command {
  return verb(
    house,
    'status',
    'the imports: how far their lines have come, what keeps the others, when all will be done',
  ).action(async (options: { readonly json?: boolean }) =>
    (await import('../../deeds/import-status.ts')).showImports(house, options),
  );
}
