/** What a customer may be asked beside saving a method: another price, a charge outside of the plan, saving a method once more. */
export const consentsTo = ['price', 'extra', 'save_again'] as const;
export type ConsentTo = (typeof consentsTo)[number];

export const consentAnswers = ['given', 'refused'] as const;
export type ConsentAnswer = (typeof consentAnswers)[number];

/** What stands in the books of a question: that it was not answered in time is written down too. */
export const consentStates = [...consentAnswers, 'silence'] as const;
export type ConsentState = (typeof consentStates)[number];
