import type { Context } from '../../context.ts';
import { askAboutRefunds } from './ask-about-refunds.ts';
import { sendRefunds } from './send-refunds.ts';

/** All that is due of refunds: what nobody knows about first, then what may be asked for. */
export async function workRefunds(ctx: Context): Promise<void> {
  await askAboutRefunds(ctx);
  await sendRefunds(ctx);
}
