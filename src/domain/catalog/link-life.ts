const FORM = /^(\d{1,5}) (minute|hour|day|week)s?$/;
const MINUTES_PER = { minute: 1, hour: 60, day: 1_440, week: 10_080 } as const;

/** Xendit takes no link that ends sooner; it has an upper limit too, which it does not document. */
const SHORTEST = 10;
const LONGEST_DAYS = 366;
/** Xendit counts from when it hears of a link, we from before we ask. */
const ON_THE_WAY = 1;

/** How long a link is good, "2 hours", in minutes; or why the text does not say so, in words that follow the field's name. */
export function parseLinkLife(text: string): number | { readonly fault: string } {
  const [, count = '', unit = ''] = FORM.exec(text) ?? [];
  if (!isUnit(unit)) return { fault: 'must be minutes, hours, days or weeks, such as "2 hours"' };
  const minutes = Number(count) * MINUTES_PER[unit];
  if (minutes < SHORTEST) return { fault: `must be at least ${SHORTEST} minutes, as Xendit demands` };
  return minutes > LONGEST_DAYS * MINUTES_PER.day ? { fault: `must be at most ${LONGEST_DAYS} days` } : minutes;
}

/** When a link that is asked for now ends. */
export function linkEnd(minutes: number, now: Temporal.Instant): Temporal.Instant {
  return now.add({ minutes: Math.max(minutes, SHORTEST + ON_THE_WAY) });
}

function isUnit(text: string): text is keyof typeof MINUTES_PER {
  return Object.hasOwn(MINUTES_PER, text);
}
