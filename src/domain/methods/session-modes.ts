/**
 * Where a customer meets a session, in Xendit's words: on a page of Xendit's, on one of the product's own, or on one with Xendit's older
 * library for cards, which Xendit's public documents of today no longer list.
 */
export const sessionModes = ['PAYMENT_LINK', 'COMPONENTS', 'CARDS_SESSION_JS'] as const;
export type SessionMode = (typeof sessionModes)[number];

/** `origins`: where a page of the product's own stands; of COMPONENTS alone. */
export type SessionPlace = { readonly mode: SessionMode; readonly origins: readonly string[] | null };

export const onXenditsPage: SessionPlace = { mode: 'PAYMENT_LINK', origins: null };
