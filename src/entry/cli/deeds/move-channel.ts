import { type ChannelMoved, startChannel, stopChannel } from '../../../flows/charging/start-channel.ts';
import { actorHere } from '../actor.ts';
import type { ChannelOptions } from '../channel-option.ts';
import { askedOrGiven, askReason } from '../reason.ts';
import { confirm, isAsked } from '../screen/confirmation.ts';
import { answer, Failed, type House } from '../verb.ts';
import { withContext } from '../with-context.ts';

/** `arm --channel`: what waits for the channel is due at once. `disarm --channel`: nothing of it goes out until then. */
export async function moveChannel(
  house: House,
  options: ChannelOptions,
  channel: string,
  what: 'start' | 'stop',
): Promise<void> {
  await withContext(house, async (ctx) => {
    const isThere = isAsked(house, options);
    const reason = await reasonFor(house, options, what);
    if (isThere) await confirm(house, channel, `Reason     ${reason ?? 'none'}`);
    const by = { actor: actorHere(), reason };
    const moved = what === 'start' ? await startChannel(ctx, channel, by) : await stopChannel(ctx, channel, by);
    if (moved.kind === 'refused') throw new Failed(moved.detail);
    const { state, code, why } = moved.before;
    const now = moved.kind === 'done' ? moved.after : moved.before;
    const facts = { channel, changed: moved.kind === 'done', state: now.state, was: { state, code, why }, ...by };
    answer(house.screen, options, facts, () => outcome(channel, what, moved));
  });
}

type Moved = Exclude<ChannelMoved, { readonly kind: 'refused' }>;

/** As for charging as a whole: what stands already as it should is said, and is no fault. */
function outcome(channel: string, what: 'start' | 'stop', moved: Moved): string {
  const was = moved.before.why ?? 'nothing';
  const isDone = moved.kind === 'done';
  if (what === 'start')
    return isDone
      ? `${channel} goes on: what waited for it is due at once. It was stopped for: ${was}`
      : `${channel} was not stopped.`;
  const wayOut = `To go on: dueday arm --channel ${channel}`;
  return isDone ? `Stopped: ${moved.after.why}. ${wayOut}` : `${channel} was stopped already: ${was}. ${wayOut}`;
}

/** Whoever stops something says why; whoever starts it may. */
async function reasonFor(house: House, options: ChannelOptions, what: 'start' | 'stop'): Promise<string | null> {
  if (what === 'stop') return await askedOrGiven(house, options);
  return options.reason ?? (isAsked(house, options) ? await askReason(house) : null);
}
