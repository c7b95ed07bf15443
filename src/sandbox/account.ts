import type { z } from 'zod';
import type { AccountBody } from './control-body.ts';

/** What differs between accounts of Xendit, where its documents leave it open. */
export type Account = {
  /** What becomes of a card charge that does not say that it is SUBSEQUENT. */
  cardsWithoutSequence: 'charged' | 'ask_customer';
  /** Of a channel_code beside a payment token. */
  channelCode: 'refused' | 'allowed' | 'required';
  /** Of the older library for cards, which the public documents of today do not list as a mode. */
  cardsSessionJs: 'refused' | 'allowed';
};

/** Sets up what is given and leaves the rest; answers the whole of it, by the names of the control endpoint. */
export function changeAccount(
  account: Account,
  asked: z.infer<typeof AccountBody>,
): Required<z.infer<typeof AccountBody>> {
  account.cardsWithoutSequence = asked.cards_without_sequence ?? account.cardsWithoutSequence;
  account.channelCode = asked.channel_code ?? account.channelCode;
  account.cardsSessionJs = asked.cards_session_js ?? account.cardsSessionJs;
  return {
    cards_without_sequence: account.cardsWithoutSequence,
    channel_code: account.channelCode,
    cards_session_js: account.cardsSessionJs,
  };
}
