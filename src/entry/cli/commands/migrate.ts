import type { Command } from 'commander';
import { answer, Failed, type House, verb } from '../verb.ts';

/** `dueday migrate`: brings the database to this version. */
export function migrateCommand(house: House): Command {
  return verb(house, 'migrate', 'bring the database to the schema of this version').action(
    async (options: { json?: boolean }) => {
      const result = await house.runtime.migrate();
      if (!result.ok) throw new Failed(result.detail);
      answer(house.screen, options, result, () => result.detail);
    },
  );
}
