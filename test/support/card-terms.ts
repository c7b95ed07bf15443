import type { CardTerms } from '../../src/domain/catalog/plan.ts';

/** What a catalog says of cards that says nothing of them. */
export const plainCards: CardTerms = {
  transactionSequence: true,
  returnUrls: true,
  channelCode: false,
  skipThreeDs: null,
  statementDescriptor: null,
  midLabel: null,
};
