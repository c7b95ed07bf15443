import { z } from 'zod';
import { type FieldError, invalidFields } from '../http/fault.ts';

export const RecurringConfiguration = z.strictObject({
  recurring_frequency: z.int().min(1),
  recurring_expiry: z.iso.date('must match format "date"'),
});

export const CardOnFileType = z.enum(['CUSTOMER_UNSCHEDULED', 'MERCHANT_UNSCHEDULED', 'RECURRING']);

/** What a card is saved for, and what a charge says it is made for. */
export type Mandate = {
  readonly card_on_file_type?: z.infer<typeof CardOnFileType> | undefined;
  readonly recurring_configuration?: z.infer<typeof RecurringConfiguration> | undefined;
};

/** The types that the merchant charges without the customer. */
export function isMerchantInitiated(mandate: Mandate): boolean {
  return mandate.card_on_file_type === 'RECURRING' || mandate.card_on_file_type === 'MERCHANT_UNSCHEDULED';
}

/**
 * RECURRING and MERCHANT_UNSCHEDULED need a recurring_configuration that lies in the future, by the UTC date
 * (docs/xendit.md 2.2; "always send it", 2.4).
 */
export function checkMandate(mandate: Mandate, path: string, now: Temporal.Instant): void {
  if (!isMerchantInitiated(mandate)) return;
  const place = `${path}/recurring_configuration`;
  const configuration = mandate.recurring_configuration;
  if (configuration === undefined) {
    throw invalidFields([{ message: "must have required property 'recurring_configuration'", path: place }]);
  }
  if (isOver(configuration.recurring_expiry, now)) {
    throw invalidFields([{ message: 'must be in the future', path: `${place}/recurring_expiry` }]);
  }
}

/**
 * A charge must be made for what the card was saved for, and may narrow it, not widen it. Documented only as "you must
 * accurately indicate the card_on_file_type": the refusal is our choice, on the strict side.
 */
export function checkAgainstSaved(charge: Mandate, saved: Mandate): void {
  const at = '/body/channel_properties';
  const errors: FieldError[] = [];
  const said = charge.recurring_configuration;
  const agreed = saved.recurring_configuration;
  if (charge.card_on_file_type !== saved.card_on_file_type) {
    const was = saved.card_on_file_type ?? 'no card_on_file_type';
    errors.push({
      path: `${at}/card_on_file_type`,
      message: `must match the payment token, which was saved with ${was}`,
    });
  } else if (agreed !== undefined && said !== undefined) {
    const path = `${at}/recurring_configuration`;
    if (said.recurring_expiry > agreed.recurring_expiry) {
      errors.push({
        path: `${path}/recurring_expiry`,
        message: `must not be after the saved ${agreed.recurring_expiry}`,
      });
    }
    if (said.recurring_frequency < agreed.recurring_frequency) {
      errors.push({
        path: `${path}/recurring_frequency`,
        message: `must be >= the saved ${agreed.recurring_frequency}`,
      });
    }
  }
  if (errors.length > 0) throw invalidFields(errors);
}

// The day of expiry itself still counts.
function isOver(expiry: string, now: Temporal.Instant): boolean {
  return expiry < now.toZonedDateTimeISO('UTC').toPlainDate().toString();
}
