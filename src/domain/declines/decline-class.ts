/** Why a charge was not paid, as far as it decides what to do next (docs/xendit.md, Declines). */
export type DeclineClass =
  | 'funds'
  | 'technical'
  | 'soft'
  | 'needs_customer'
  | 'token_dead'
  | 'never_again'
  | 'our_fault'
  | 'throttled';

export const declineClasses: readonly DeclineClass[] = [
  'funds',
  'technical',
  'soft',
  'needs_customer',
  'token_dead',
  'never_again',
  'our_fault',
  'throttled',
];
