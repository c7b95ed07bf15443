/** What a change of a subscription is about; of several things at once, the first of these. */
export const changeSubjects = [
  'plan',
  'quantity',
  'coupon',
  'time_zone',
  'charge_at',
  'anchor',
  'cancel',
  'pause',
  'resume',
] as const;
export type ChangeSubject = (typeof changeSubjects)[number];

export const changeTimes = ['now', 'period_end', 'date'] as const;
export type ChangeTime = (typeof changeTimes)[number];

/** `lapsed`: it was not paid for, or could not be applied when its time came. */
export const changeStates = ['planned', 'awaiting_payment', 'applied', 'lapsed', 'withdrawn'] as const;
export type ChangeState = (typeof changeStates)[number];

/** The terms of a subscription as people read them, in major units: what a change says of before and after. */
export type TermsText = {
  readonly plan: string;
  readonly catalog_version: number;
  readonly unit_amount: number;
  readonly quantity: number;
  readonly amount: number;
  readonly currency: string;
  readonly interval: string;
  readonly time_zone: string;
  readonly charge_at: string;
  readonly anchor_date: string;
  /** The code of its coupon; left out: it has none. */
  readonly coupon?: string;
};
