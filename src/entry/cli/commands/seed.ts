import type { Command } from 'commander';
import type { Seeding } from '../seed/span.ts';
import { type House, verb } from '../verb.ts';

/** `dueday seed`: a book to look at. */
export function seedCommand(house: House): Command {
  return verb(house, 'seed', 'fill an empty book of the sandbox with made-up customers, to look at its pages')
    .option('--subscriptions <number>', 'how many subscriptions, at most 20000', '300')
    .option('--months <number>', 'over how many months until now, 2 to 60', '6')
    .option('--until <instant>', 'the last instant of it, like 2026-11-30T05:00:00Z; now unless said')
    .addHelpText(
      'after',
      'The same numbers and the same instant make the same book. It takes no money, asks nobody, and refuses a live key and a book that has something in it.',
    )
    .action(async (options: Seeding) => (await import('../deeds/seed.ts')).seed(house, options));
}
