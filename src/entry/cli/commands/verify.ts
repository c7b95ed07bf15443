import type { Command } from 'commander';
import { type House, verb } from '../verb.ts';

/** `dueday verify`: whether the ledger is as it was written. */
export function verifyCommand(house: House): Command {
  const about =
    'walk the whole ledger: every entry as it was written, none missing, none added; and count who breaks what the books promise; exit code 1 if not';
  return verb(house, 'verify', about).action(async (options: { json?: boolean }) =>
    (await import('../deeds/verify.ts')).verify(house, options),
  );
}
