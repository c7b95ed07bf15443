/** What the sandbox is told to do with one request: `do` as in src/sandbox/README.md. */
export type Trouble = { readonly cycle: number; readonly attempt: number; readonly do: object };

/** What the customer, or somebody of ours, does later. */
export type Deed =
  | 'cancel_at_period_end'
  | 'cancel_now'
  | 'pause'
  | 'pause_until_june'
  | 'resume'
  | 'new_card'
  | 'approve'
  | 'pay_by_hand'
  | 'upgrade'
  | 'raise_price'
  | 'be_told'
  | 'agree'
  | 'refuse'
  | 'release'
  | 'lose_webhooks'
  | 'find_webhooks';

export type Person = {
  readonly name: string;
  readonly plan: string;
  /** Month and day, at ten in the morning. */
  readonly joins: string;
  /** The anchor, when it is not the day of joining. */
  readonly anchor?: string;
  readonly coupon?: string;
  readonly pays: {
    readonly channel_code?: string;
    readonly card_number?: string;
    readonly expiry_month?: number;
    readonly expires?: 'this year';
  };
  readonly troubles?: readonly Trouble[];
  /** Month, day and hour, local time. */
  readonly deeds?: readonly { readonly at: string; readonly do: Deed }[];
  /** What happens to this one, for the reader. */
  readonly story: string;
};
