import { Option } from 'commander';
import type { Confirming } from './screen/confirmation.ts';

export type ChannelOptions = Confirming & { readonly channel?: string; readonly reason?: string };

/** `--channel CARDS`: of one channel, and not of charging as a whole. */
export function channelOption(about: string): Option {
  return new Option('--channel <code>', about).argParser((text: string) => text.trim().toUpperCase());
}
