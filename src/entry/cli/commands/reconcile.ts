import type { Command } from 'commander';
import type { Reconciling } from '../deeds/reconcile.ts';
import { type House, verb } from '../verb.ts';

/** `dueday reconcile`: compares Xendit's books with ours, in a process of its own beside the daemon. */
export function reconcileCommand(house: House): Command {
  return verb(house, 'reconcile', "compare Xendit's books with ours, both ways; exits with 1 while findings are open")
    .option(
      '--from <date>',
      "first day, in the zone of the catalog's defaults, or an instant; else the last seven days",
    )
    .option('--to <date>', 'last day, included, or an instant')
    .action(async (options: Reconciling) => (await import('../deeds/reconcile.ts')).reconcileBooks(house, options));
}
