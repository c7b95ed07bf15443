import { OWN_ACCOUNT } from './account.ts';

/**
 * What a breaker is of: a channel of the merchant's own account is named as Xendit names it (`CARDS`), one of a sub-account with
 * that account before it (`5f27a14a9bf05c73dd040bc8/CARDS`). No channel and no account has a slash in its name.
 */
export function channelKey(account: string, channel: string): string {
  return account === OWN_ACCOUNT ? channel : `${account}/${channel}`;
}

/** The account of such a key. */
export function accountOfKey(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

/** The channel of such a key, as Xendit names it. */
export function channelOfKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
