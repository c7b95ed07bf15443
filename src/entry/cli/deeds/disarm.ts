import { type Disarmed, disarmCharging } from '../../../flows/charging/disarm-charging.ts';
import { overview } from '../../../flows/views/overview.ts';
import { actorHere } from '../actor.ts';
import type { ChannelOptions } from '../channel-option.ts';
import { askedOrGiven } from '../reason.ts';
import { confirm, isAsked } from '../screen/confirmation.ts';
import { counted } from '../screen/wording.ts';
import { answer, type House } from '../verb.ts';
import { withContext } from '../with-context.ts';
import { moveChannel } from './move-channel.ts';

/** Stops charging as a whole, or one channel. */
export async function disarm(house: House, options: ChannelOptions): Promise<void> {
  if (options.channel !== undefined) return await moveChannel(house, options, options.channel, 'stop');
  await withContext(house, async (ctx) => {
    if (isAsked(house, options)) house.screen.print(whatHappens((await overview(ctx)).dueCharges));
    const reason = await askedOrGiven(house, options);
    if (isAsked(house, options)) await confirm(house, 'stop', `Reason     ${reason}`);
    const by = { actor: actorHere(), reason };
    const disarmed = await disarmCharging(ctx, by);
    const facts = { disarmed: true, changed: disarmed.changed, reason: disarmed.reason };
    answer(house.screen, options, facts, () => outcome(disarmed));
  });
}

function whatHappens(due: number): string {
  return `Charging stops as a whole: no attempt is begun until "dueday arm". Just now ${counted(due, 'charge')} may be attempted.`;
}

function outcome({ changed, reason }: Disarmed): string {
  return changed
    ? `Stopped: ${reason}. To go on: dueday arm`
    : `It was stopped already: ${reason}. To go on: dueday arm`;
}
