import type { Command } from 'commander';
import { arm } from '../../../flows/reporting/overview.ts';
import { answer, type House, verb } from '../verb.ts';

/** `dueday arm`: charging goes on after a person has mended what stopped it. */
export function armCommand(house: House): Command {
  return verb(house, 'arm', 'let charging go on, once what stopped it is mended').action(
    async (options: { json?: boolean }) => {
      const { ctx, close } = await house.runtime.openContext();
      try {
        const stoppedFor = await arm(ctx);
        answer(house.screen, options, { stopped_for: stoppedFor }, () =>
          stoppedFor === null
            ? 'Charging was not stopped.'
            : `Charging goes on within a minute. It was stopped for: ${stoppedFor}`,
        );
      } finally {
        await close();
      }
    },
  );
}
