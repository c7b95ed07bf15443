import type { Command } from 'commander';
import type { CheckedCatalog } from '../../../context.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, group, type House, verb } from '../verb.ts';

/** `dueday catalog ...`: the plans, before anybody is billed by them. */
export function catalogCommand(house: House): Command {
  return group(house, 'catalog', 'the catalog file').addCommand(checkCommand(house));
}

function checkCommand(house: House): Command {
  return verb(house, 'check', 'read a catalog file and name every fault and warning in it, as file:line:column')
    .argument('[file]', 'the catalog; CATALOG_FILE or ./catalog.yaml when left out')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const checked = await house.runtime.checkCatalog(given ?? null);
      const { file, faults } = checked;
      answer(house.screen, options, { ok: faults.length === 0, ...checked }, () => words(checked));
      if (faults.length > 0) throw new Failed(`${file} has ${counted(faults.length, 'fault')}.`);
    });
}

function words({ file, plans, faults, warnings }: CheckedCatalog): string {
  const told = [...faults, ...warnings.map((line) => line.replace(/(:\d+:\d+) /, '$1 warning: '))];
  if (faults.length > 0) return told.join('\n');
  const more = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`;
  return [...told, `${file} is good: ${counted(plans, 'plan')}${more}.`].join('\n');
}
