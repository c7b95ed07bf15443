/** The catalog that the demo brings: small, and every plan has something to show. */
export const demoCatalog = `# The catalog of "dueday demo".
defaults:
  country: ID
  time_zone: Asia/Jakarta
  charge_at: "09:00"
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
  payment_channels: { ID: [CARDS, BRI_DIRECT_DEBIT, DANA, GOPAY_RECURRING, OVO, SHOPEEPAY], PH: [CARDS, GRABPAY, PAYMAYA] }
plans:
  pro:
    name: Pro
    price: { amount: 150000, currency: IDR }
    interval: 1 month
    dunning: standard
  max:
    name: Max
    price: { amount: 300000, currency: IDR }
    interval: 1 month
    changes: pay_link
    dunning: standard
  studio:
    name: Studio
    price: { amount: 200000, currency: IDR }
    interval: 1 month
    price_change: next_cycle
    notice: { before: 14 days, consent: opt_in, silence: old_price }
    dunning: standard
  weekly:
    name: Weekly
    price: { amount: 25000, currency: IDR }
    interval: 1 week
    dunning: short
  trial:
    name: Pro, two weeks free
    price: { amount: 150000, currency: IDR }
    interval: 1 month
    trial: 14 days
    dunning: standard
  course:
    name: A course of three months
    price: { amount: 480000, currency: IDR }
    interval: 1 month
    ends_after: 3 cycles
    dunning: standard
  manila:
    name: Pro in the Philippines
    price: { amount: 499.50, currency: PHP }
    interval: 1 month
    country: PH
    time_zone: Asia/Manila
    dunning: standard
coupons:
  HEMAT20: { percent: 20, cycles: 3 }
dunning:
  standard:
    retry_after: [1 day, 3 days, 5 days, 7 days]
    window: 28 days
    then: cancel
  short:
    retry_after: [1 day]
    window: 5 days
    then: keep
`;

/** The same, edited: the studio costs more. */
export const dearerCatalog = demoCatalog.replace('amount: 200000', 'amount: 230000');
