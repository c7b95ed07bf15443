import type { Command } from 'commander';
import type { CheckedCatalog } from '../../../context.ts';
import type { Applying, Diffing } from '../deeds/edit-catalog.ts';
import type { Listed } from '../deeds/show-catalog.ts';
import { reasoned } from '../reason.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, group, type House, verb } from '../verb.ts';
import { repriceCommand } from './changing/reprice.ts';

/** `dueday catalog ...`: the plans, before anybody is billed by them. */
export function catalogCommand(house: House): Command {
  return group(house, 'catalog', 'the plans: the file, and what is in force')
    .addCommand(checkCommand(house))
    .addCommand(diffCommand(house))
    .addCommand(applyCommand(house))
    .addCommand(repriceCommand(house))
    .addCommand(versionsCommand(house))
    .addCommand(showCommand(house));
}

function checkCommand(house: House): Command {
  return verb(house, 'check', 'read a catalog file and name every fault and warning in it, as file:line:column')
    .argument('[file]', FILE)
    .option('--file <file>', 'the same')
    .action(async (given: string | undefined, options: { json?: boolean; file?: string }) => {
      const checked = await house.runtime.checkCatalog(given ?? options.file ?? null);
      const { file, faults } = checked;
      answer(house.screen, options, { ok: faults.length === 0, ...checked }, () => words(checked));
      if (faults.length > 0) throw new Failed(`${file} has ${counted(faults.length, 'fault')}.`);
    });
}

const FILE = 'the catalog; CATALOG_FILE or ./catalog.yaml when left out';

function diffCommand(house: House): Command {
  return verb(house, 'diff', 'what an edit would do to the live subscriptions, before it is in force; changes nothing')
    .option('--file <file>', FILE)
    .option('--exit-code', 'exit with 2 when there is something to do, for pipelines')
    .action(async (options: Diffing) => (await import('../deeds/edit-catalog.ts')).diff(house, options));
}

function applyCommand(house: House): Command {
  const about = 'put an edit in force, exactly as "dueday catalog diff" has shown it; refused when anything moved';
  return reasoned(verb(house, 'apply', about), 'why you do; kept with your name for as long as the database')
    .requiredOption('--digest <digest>', 'what the diff was printed with')
    .option('--file <file>', FILE)
    .action(async (options: Applying) => (await import('../deeds/edit-catalog.ts')).apply(house, options));
}

function versionsCommand(house: House): Command {
  return verb(house, 'versions', 'the versions of the catalog, newest first: since when, by whom, and why')
    .option('--limit <n>', 'at most so many', '50')
    .action(async (options: Listed) => (await import('../deeds/show-catalog.ts')).showVersions(house, options));
}

function showCommand(house: House): Command {
  return verb(house, 'show', 'the text of a version as it was stored, whatever is in the file today')
    .argument('[version]', 'its number; the version in force when left out')
    .action(async (version: string | undefined, options: { json?: boolean }) =>
      (await import('../deeds/show-catalog.ts')).showText(house, version ?? null, options),
    );
}

function words({ file, plans, faults, warnings }: CheckedCatalog): string {
  const told = [...faults, ...warnings.map((line) => line.replace(/(:\d+:\d+) /, '$1 warning: '))];
  if (faults.length > 0) return told.join('\n');
  const more = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`;
  return [...told, `${file} is good: ${counted(plans, 'plan')}${more}.`].join('\n');
}
