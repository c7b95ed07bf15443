/** What a payment by hand does with the method that the customer pays with, in Xendit's words: kept, kept if they wish, or not. */
export const savings = ['FORCED', 'OPTIONAL', 'DISABLED'] as const;
export type Saving = (typeof savings)[number];
