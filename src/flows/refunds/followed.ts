import type { AccountContext } from '../../context.ts';
import type { Refund } from '../../infra/gateway/refund.ts';

/**
 * `followed`: the books say what Xendit says. `foreign`: it gives back no payment of ours. `unknown`: Xendit has none of this id.
 * `other`: it is not the refund that our books have under its name.
 */
export type Followed =
  | { readonly kind: 'followed'; readonly said: Refund; readonly isNew: boolean }
  | { readonly kind: 'foreign' | 'unknown' | 'no_turn' | 'other' }
  | { readonly kind: 'silent'; readonly detail: string };

/** Takes a place in Xendit's pace; false where there is none now. */
export type Turn = (ctx: AccountContext) => Promise<boolean>;
