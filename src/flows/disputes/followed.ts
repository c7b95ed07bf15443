import type { AccountContext } from '../../context.ts';

/**
 * `followed`: the books say what is told. `foreign`: no payment of ours is disputed. `unknown`: Xendit has none of this id. `other`: it is
 * not the dispute that our books have under its name.
 */
export type Followed =
  | { readonly kind: 'followed'; readonly isNew: boolean }
  | { readonly kind: 'foreign' | 'unknown' | 'no_turn' | 'other' }
  | { readonly kind: 'silent'; readonly detail: string };

/** Takes a place in Xendit's pace; false where there is none now. */
export type Turn = (ctx: AccountContext) => Promise<boolean>;
