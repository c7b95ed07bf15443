import { type Command, Option } from 'commander';
import type { Context } from '../../../context.ts';
import type { Mode } from '../../../domain/binding.ts';
import { type Arming, armCharging, lookAtArming, whyNotArm } from '../../../flows/billing/arm-charging.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../confirmation.ts';
import { answer, Failed, type House, verb } from '../verb.ts';

type Options = Confirming & { readonly dryRun?: boolean; readonly mode?: Mode };

/** `dueday arm`: a person says that this database and this key are the ones that charge, and that what stopped it is mended. */
export function armCommand(house: House): Command {
  const about = 'let charging go on with this database and this key, once you know why it had stopped';
  return confirmed(verb(house, 'arm', about))
    .option('--dry-run', 'only say what would be armed')
    .addOption(
      new Option('--mode <mode>', 'arm only if the key is of this mode').choices(['sandbox', 'test', 'live'] as const),
    )
    .action(async (options: Options) => {
      const { ctx, close } = await house.runtime.openContext();
      try {
        if (options.dryRun === true) return show(house, options, await lookAtArming(ctx), false);
        const seen = isAsked(house, options) ? await seenByPerson(house, ctx, options.mode ?? null) : null;
        const armed = await armCharging(ctx, options.mode ?? null, seen);
        if (armed.kind === 'refused') throw new Failed(armed.detail);
        show(house, options, armed.arming, true);
      } finally {
        await close();
      }
    });
}

/** Shows what would be armed, and has the kind of key typed: who types "live" knows that money will move. */
async function seenByPerson(house: House, ctx: Context, only: Mode | null): Promise<Arming> {
  const refused = await whyNotArm(ctx, only);
  if (refused !== null) throw new Failed(refused);
  const arming = await lookAtArming(ctx);
  const stopped = `Stopped    ${arming.stoppedFor ?? 'no'}`;
  await confirm(house, arming.is.mode, [...words(arming), stopped].join('\n'));
  return arming;
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
