const DAY = 86_400;

/** Seconds for which a provider keeps a payment open that nobody confirmed (docs/xendit.md 9.2, provider windows). */
const windows: Readonly<Record<string, number>> = {
  OVO: 54,
  SHOPEEPAY: 15 * 60,
  GRABPAY: 15 * 60,
  PAYMAYA: 15 * 60,
  GOPAY: 30 * 60,
  GOPAY_RECURRING: 30 * 60,
  DANA: DAY,
};

/** When an action of its customer ends by itself; null: its provider does not say how long it keeps one open. */
export function actionEnd(channelCode: string, sentAt: Temporal.Instant): Temporal.Instant | null {
  const seconds = windows[channelCode];
  return seconds === undefined ? null : sentAt.add({ seconds });
}

/**
 * Seconds after which a payment that is still in flight is no longer waited for: as long as its provider keeps it open,
 * and the day by which a provider may be late in telling Xendit (docs/xendit.md 3.1).
 */
export function pendingLimit(channelCode: string): number {
  return (windows[channelCode] ?? 0) + DAY;
}
