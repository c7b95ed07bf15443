import type { Command } from 'commander';
import { answer, Failed, group, type House, verb } from '../verb.ts';
import { counted } from '../wording.ts';

/** `dueday catalog ...`: the plans, before anybody is billed by them. */
export function catalogCommand(house: House): Command {
  return group(house, 'catalog', 'the catalog file').addCommand(checkCommand(house));
}

function checkCommand(house: House): Command {
  return verb(house, 'check', 'read a catalog file and name every fault in it, as file:line:column')
    .argument('[file]', 'the catalog; CATALOG_FILE or ./catalog.yaml when left out')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const { file, plans, faults } = await house.runtime.checkCatalog(given ?? null);
      const words = () => (faults.length === 0 ? `${file} is good: ${counted(plans, 'plan')}.` : faults.join('\n'));
      answer(house.screen, options, { ok: faults.length === 0, file, plans, faults }, words);
      if (faults.length > 0) throw new Failed(`${file} has ${counted(faults.length, 'fault')}.`);
    });
}
