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

const visa = { card_number: '4000000000001000' };
const mastercard = { card_number: '5200000000001005' };
const declined = (failure_code: string) => ({ kind: 'decline', failure_code });
const pendingFor = (after_seconds: number) => {
  return { kind: 'pending', then: { status: 'SUCCEEDED', after_seconds } }; // oxlint-disable-line unicorn/no-thenable
};
const times = (cycle: number, count: number, what: object): readonly Trouble[] =>
  Array.from({ length: count }, (_, index) => ({ cycle, attempt: index + 1, do: what }));

/** Who takes part. Months are those of the demo's year; cycle 0 is the first. */
export const cast: readonly Person[] = [
  { name: 'Siti', plan: 'pro', joins: '01-02', pays: visa, story: 'a card, and nothing ever goes wrong' },
  { name: 'Agus', plan: 'weekly', joins: '01-03', pays: visa, story: 'pays by the week' },
  {
    name: 'Bayu',
    plan: 'pro',
    joins: '01-02',
    anchor: '01-31',
    pays: visa,
    story: 'billed on the 31st: 28 Feb, 31 Mar, 30 Apr',
  },
  { name: 'Citra', plan: 'trial', joins: '01-03', pays: mastercard, story: 'two weeks free, then pays' },
  { name: 'Dian', plan: 'course', joins: '01-04', pays: visa, story: 'three payments, and the plan is over' },
  { name: 'Maya', plan: 'manila', joins: '01-04', pays: visa, story: 'pesos with decimals, on Manila time' },
  { name: 'Eko', plan: 'pro', joins: '01-05', pays: { channel_code: 'OVO' }, story: 'pays from an e-wallet' },
  {
    name: 'Fajar',
    plan: 'pro',
    joins: '01-05',
    pays: { channel_code: 'DANA' },
    troubles: [{ cycle: 1, attempt: 1, do: pendingFor(7_200) }],
    story: 'the wallet says "pending" for two hours',
  },
  {
    name: 'Budi',
    plan: 'pro',
    joins: '01-06',
    pays: visa,
    troubles: times(1, 2, declined('INSUFFICIENT_BALANCE')),
    story: 'short of money in February, pays on the third try',
  },
  {
    name: 'Gita',
    plan: 'pro',
    joins: '01-06',
    pays: mastercard,
    troubles: [{ cycle: 2, attempt: 1, do: declined('PROCESSOR_ERROR') }],
    story: 'a fault between the banks: again in five minutes',
  },
  {
    name: 'Hana',
    plan: 'pro',
    joins: '01-07',
    pays: visa,
    troubles: [{ cycle: 3, attempt: 1, do: declined('STOLEN_CARD') }],
    story: 'the card was reported stolen: never tried again',
  },
  {
    name: 'Indah',
    plan: 'pro',
    joins: '01-07',
    pays: { ...mastercard, expiry_month: 3, expires: 'this year' },
    deeds: [{ at: '04-10T14', do: 'new_card' }],
    story: 'the card expires; a new one is charged at once',
  },
  {
    name: 'Joko',
    plan: 'pro',
    joins: '01-08',
    pays: visa,
    troubles: [{ cycle: 1, attempt: 1, do: { kind: 'timeout', charged: true, after_seconds: 0.5 } }],
    deeds: [
      { at: '02-08T08', do: 'lose_webhooks' },
      { at: '02-08T12', do: 'find_webhooks' },
    ],
    story: 'paid, but answer and webhook get lost: dueday asks',
  },
  {
    name: 'Kartika',
    plan: 'pro',
    joins: '01-08',
    pays: visa,
    troubles: [{ cycle: 2, attempt: 1, do: { kind: 'reset', charged: false } }],
    story: 'cut off before the charge: asked, then retried',
  },
  {
    name: 'Lukman',
    plan: 'pro',
    joins: '01-09',
    pays: mastercard,
    troubles: [
      { cycle: 1, attempt: 1, do: { kind: 'late_success', failure_code: 'DECLINED_BY_ISSUER', after_seconds: 21_600 } },
    ],
    story: 'declined, yet paid later: the retry is called off',
  },
  {
    name: 'Nanda',
    plan: 'pro',
    joins: '01-09',
    pays: visa,
    troubles: [{ cycle: 3, attempt: 1, do: { kind: 'requires_action' } }],
    deeds: [{ at: '04-11T20', do: 'approve' }],
    story: 'the bank wants a confirmation, given two days later',
  },
  {
    name: 'Oki',
    plan: 'pro',
    joins: '01-10',
    pays: visa,
    deeds: [{ at: '03-20T11', do: 'cancel_at_period_end' }],
    story: 'cancels in March, and keeps what is paid for',
  },
  {
    name: 'Putri',
    plan: 'pro',
    joins: '01-10',
    pays: { channel_code: 'SHOPEEPAY' },
    deeds: [
      { at: '02-20T11', do: 'pause' },
      { at: '05-10T09', do: 'resume' },
    ],
    story: 'pauses over two periods, then goes on with the third',
  },
  {
    name: 'Rudi',
    plan: 'pro',
    joins: '01-11',
    pays: visa,
    troubles: times(2, 5, declined('INSUFFICIENT_BALANCE')),
    story: 'no money on any of five tries: given up, canceled',
  },
  {
    name: 'Sari',
    plan: 'pro',
    joins: '01-11',
    pays: visa,
    troubles: [{ cycle: 1, attempt: 1, do: declined('INVALID_MERCHANT_SETTINGS') }],
    deeds: [{ at: '02-12T15', do: 'release' }],
    story: 'a fault of ours: held, and released by a person',
  },
  {
    name: 'Tono',
    plan: 'weekly',
    joins: '01-12',
    pays: visa,
    troubles: times(6, 2, declined('INSUFFICIENT_BALANCE')),
    story: 'one week stays unpaid, the others are paid',
  },
  {
    name: 'Wati',
    plan: 'manila',
    joins: '01-12',
    pays: { channel_code: 'GRABPAY' },
    troubles: times(1, 1, declined('INSUFFICIENT_BALANCE')),
    deeds: [{ at: '02-12T18', do: 'cancel_now' }],
    story: 'declined once, cancels: nothing is tried again',
  },
  {
    name: 'Vina',
    plan: 'pro',
    joins: '01-12',
    pays: visa,
    troubles: times(2, 2, declined('INSUFFICIENT_BALANCE')),
    deeds: [{ at: '03-14T20', do: 'pay_by_hand' }],
    story: 'declined twice, then pays behind a link',
  },
  {
    name: 'Yani',
    plan: 'pro',
    joins: '01-13',
    pays: visa,
    coupon: 'HEMAT20',
    story: 'a coupon: a fifth less for three paid months',
  },
  {
    name: 'Zaki',
    plan: 'pro',
    joins: '01-13',
    pays: mastercard,
    deeds: [{ at: '03-20T11', do: 'pause_until_june' }],
    story: 'pauses until 1 June, and goes on by himself',
  },
  {
    name: 'Wulan',
    plan: 'pro',
    joins: '01-14',
    pays: visa,
    deeds: [{ at: '03-24T11', do: 'upgrade' }],
    story: 'moves to Max in March: the difference is paid first',
  },
  {
    name: 'Ratna',
    plan: 'studio',
    joins: '01-14',
    pays: visa,
    deeds: [
      { at: '03-01T10', do: 'raise_price' },
      { at: '03-02T10', do: 'be_told' },
      { at: '03-05T20', do: 'agree' },
    ],
    story: 'told of a higher price, agrees: pays it from April',
  },
  {
    name: 'Surya',
    plan: 'studio',
    joins: '01-14',
    pays: mastercard,
    deeds: [
      { at: '03-02T10', do: 'be_told' },
      { at: '03-06T20', do: 'refuse' },
    ],
    story: 'told of the same, refuses: keeps the old price',
  },
];
