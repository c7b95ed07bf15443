import type { Command } from 'commander';
import type { Forecasting } from '../../deeds/forecast.ts';
import { type House, verb } from '../../verb.ts';

/** `dueday forecast`: what is to come in. */
export function forecastCommand(house: House): Command {
  const about =
    'what falls due in the months to come and how much of it comes in, by the rules that charges are opened by, over the live book; changes nothing';
  return verb(house, 'forecast', about)
    .option('--months <n>', 'the rest of this month, and so many whole months after it: 1 to 120', '12')
    .option('--what-if <file>', 'by this catalog in the place of the one in force, with its notices sent now')
    .action(async (options: Forecasting) => (await import('../../deeds/forecast.ts')).showForecast(house, options));
}
