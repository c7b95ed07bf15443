import { type Command, Option } from 'commander';
import type { Mode } from '../../../domain/binding.ts';
import { type Arming, armCharging, lookAtArming } from '../../../flows/billing/arm-charging.ts';
import { answer, Failed, type House, verb } from '../verb.ts';

type Options = { readonly json?: boolean; readonly dryRun?: boolean; readonly mode?: Mode };

/** `dueday arm`: a person says that this database and this key are the ones that charge, and that what stopped it is mended. */
export function armCommand(house: House): Command {
  return verb(house, 'arm', 'let charging go on with this database and this key, once you know why it had stopped')
    .option('--dry-run', 'only say what would be armed')
    .addOption(
      new Option('--mode <mode>', 'arm only if the key is of this mode').choices(['sandbox', 'test', 'live'] as const),
    )
    .action(async (options: Options) => {
      const { ctx, close } = await house.runtime.openContext();
      try {
        const arming = options.dryRun === true ? await lookAtArming(ctx) : null;
        if (arming !== null) return show(house, options, arming, false);
        const armed = await armCharging(ctx, options.mode ?? null);
        if (armed.kind === 'refused') throw new Failed(armed.detail);
        show(house, options, armed.arming, true);
      } finally {
        await close();
      }
    });
}

function show(house: House, options: Options, arming: Arming, armed: boolean): void {
  const { is, was, differences, stoppedFor, asksFirst } = arming;
  const facts = { armed, stopped_for: stoppedFor, differences, asks_first: asksFirst, is, was };
  answer(house.screen, options, facts, () => [...words(arming), outcome(arming, armed)].join('\n'));
}

function words({ is, differences, asksFirst }: Arming): readonly string[] {
  return [
    `Key        ${is.mode} (${is.fingerprint})`,
    `Database   cluster ${is.system}, database ${is.database}, timeline ${is.timeline ?? 'none: a standby'}`,
    ...differences.map((text) => `Differs    ${text}`),
    ...(asksFirst ? ['Asks first  charges due until now are looked up at Xendit before they are tried'] : []),
  ];
}

function outcome({ stoppedFor, differences }: Arming, armed: boolean): string {
  if (!armed) return 'Nothing was changed: this is what dueday arm would arm.';
  if (stoppedFor === null && differences.length === 0) return 'Charging was not stopped.';
  return `Armed. Charging goes on within a minute. It was stopped for: ${stoppedFor ?? 'nothing'}`;
}
