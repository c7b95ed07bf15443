import { type Command, Option } from 'commander';
import { channelOption } from '../channel-option.ts';
import type { Arms } from '../deeds/arm.ts';
import { reasoned } from '../reason.ts';
import { confirmed } from '../screen/confirmation.ts';
import { type House, verb } from '../verb.ts';

/** `dueday arm`: a person says that this database and this key are the ones that charge, and that what stopped it is mended. */
export function armCommand(house: House): Command {
  const about = 'let charging go on with this database and this key, once you know why it had stopped';
  return reasoned(
    confirmed(verb(house, 'arm', about)),
    'why you arm it; kept with your name for as long as the database',
  )
    .option('--dry-run', 'only say what would be armed')
    .addOption(
      new Option('--mode <mode>', 'arm only if the key is of this mode').choices(['sandbox', 'test', 'live'] as const),
    )
    .addOption(channelOption('start this channel only, whose breaker is open: it is mended'))
    .action(async (options: Arms) => (await import('../deeds/arm.ts')).arm(house, options));
}
