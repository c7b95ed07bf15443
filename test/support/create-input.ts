import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';

/** What the product sends to subscribe a customer who has nothing special about them. */
export function createInput(reference: string, plan = 'monthly', more: Partial<CreateInput> = {}): CreateInput {
  return {
    referenceId: reference,
    plan,
    customer: {
      // Of a customer Xendit takes letters, digits and little else.
      referenceId: `customer-${reference.replaceAll(/[^\w-]/g, '-')}`,
      givenNames: 'Siti',
      surname: null,
      email: null,
      mobileNumber: null,
    },
    anchorDate: null,
    trial: null,
    coupon: null,
    timeZone: null,
    returnUrls: { success: null, cancel: null },
    allowedChannels: null,
    locale: null,
    metadata: null,
    canonical: JSON.stringify([reference, plan, more.customer ?? null]),
    ...more,
  };
}
