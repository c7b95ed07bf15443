import type { Context } from '../../../context.ts';
import { armedBy, type Mode } from '../../../domain/control/binding.ts';
import type { ByPerson } from '../../../flows/charges/change-charge.ts';
import { type Arming, armCharging, lookAtArming, whyNotArm } from '../../../flows/charging/arm-charging.ts';
import { actorHere } from '../actor.ts';
import type { ChannelOptions } from '../channel-option.ts';
import { askReason } from '../reason.ts';
import { confirm, isAsked } from '../screen/confirmation.ts';
import { answer, Failed, type House } from '../verb.ts';
import { withContext } from '../with-context.ts';
import { moveChannel } from './move-channel.ts';

export type Arms = ChannelOptions & { readonly dryRun?: boolean; readonly mode?: Mode };

/** Arms charging as a whole, or starts one channel; with --dry-run it only says what would be armed. */
export async function arm(house: House, options: Arms): Promise<void> {
  if (options.channel !== undefined) return await moveChannel(house, options, options.channel, 'start');
  await withContext(house, async (ctx) => {
    const said = { actor: actorHere(), reason: options.reason ?? null };
    if (options.dryRun === true) return show(house, options, await lookAtArming(ctx), said, false);
    const { by, seen } = isAsked(house, options) ? await askPerson(house, ctx, options, said) : { by: said };
    const armed = await armCharging(ctx, options.mode ?? null, by, seen);
    if (armed.kind === 'refused') throw new Failed(armed.detail);
    show(house, options, armed.arming, by, true);
  });
}

type Asked = { readonly by: ByPerson; readonly seen: Arming };

/**
 * Shows what would be armed, asks why where they have not said, and has the kind of key typed: who types "live" knows that
 * money will move.
 */
async function askPerson(house: House, ctx: Context, { mode, reason }: Arms, said: ByPerson): Promise<Asked> {
  const refused = await whyNotArm(ctx, mode ?? null);
  if (refused !== null) throw new Failed(refused);
  const seen = await lookAtArming(ctx);
  house.screen.print([...words(seen), stopped(seen)].join('\n'));
  const by = reason === undefined ? { ...said, reason: await askReason(house) } : said;
  await confirm(house, seen.is.mode, `Reason     ${by.reason ?? 'none'}`);
  return { by, seen };
}

function show(house: House, options: Arms, arming: Arming, { actor, reason }: ByPerson, armed: boolean): void {
  const { is, was, differences, stoppedFor, asksFirst, lastArmed } = arming;
  const state = { armed, stopped_for: stoppedFor, differences, asks_first: asksFirst, is, was };
  const facts = { ...state, actor, reason, last_armed: lastArmed };
  answer(house.screen, options, facts, () =>
    [...words(arming), ...(armed ? [] : [stopped(arming)]), outcome(arming, armed)].join('\n'),
  );
}

function words({ is, differences, asksFirst, lastArmed }: Arming): readonly string[] {
  return [
    `Key        ${is.mode} (${is.fingerprint})`,
    `Database   cluster ${is.system}, database ${is.database}, timeline ${is.timeline ?? 'none: a standby'}`,
    ...(lastArmed === null ? [] : [`Armed      ${armedBy(lastArmed)}`]),
    ...differences.map((text) => `Differs    ${text}`),
    ...(asksFirst ? ['Asks first  charges due until now are looked up at Xendit before they are tried'] : []),
  ];
}

function stopped({ stoppedFor }: Arming): string {
  return `Stopped    ${stoppedFor ?? 'no'}`;
}

function outcome({ stoppedFor, differences }: Arming, armed: boolean): string {
  if (!armed) return 'Nothing was changed: this is what dueday arm would arm.';
  if (stoppedFor === null && differences.length === 0) return 'Charging was not stopped.';
  return `Armed. Charging goes on within a minute. It was stopped for: ${stoppedFor ?? 'nothing'}`;
}
