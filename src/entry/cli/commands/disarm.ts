import type { Command } from 'commander';
import { type ChannelOptions, channelOption } from '../channel-option.ts';
import { reasoned } from '../reason.ts';
import { confirmed } from '../screen/confirmation.ts';
import { type House, verb } from '../verb.ts';

/** `dueday disarm`: a person stops all charging, until a person arms it again. */
export function disarmCommand(house: House): Command {
  const about = 'stop charging as a whole, until "dueday arm"; a restart does not lift it';
  return reasoned(
    confirmed(verb(house, 'disarm', about)),
    'why you stop it; kept with your name for as long as the database',
  )
    .addOption(channelOption('stop this channel only, until "dueday arm --channel"'))
    .action(async (options: ChannelOptions) => (await import('../deeds/disarm.ts')).disarm(house, options));
}
