import { type Interval, intervalText, parseInterval } from '../calendar/interval.ts';

/** The trial that was asked for at creation. */
export type AskedTrial = Interval | 'none';

/** How the books keep it: "14 days", "none"; null: as the plan says. */
export function trialText(asked: AskedTrial | null): string | null {
  return asked === null || asked === 'none' ? asked : intervalText(asked);
}

/** Reads "none" or an interval, "14 days"; or says why a text is neither, in words that follow the field's name. */
export function parseTrial(text: string): AskedTrial | { readonly fault: string } {
  return text === 'none' ? 'none' : parseInterval(text);
}

/** The trial of a subscription: what was asked for, or else its plan's; null: none. */
export function trialOf(kept: string | null, ofPlan: Interval | null): Interval | null {
  if (kept === null) return ofPlan;
  const asked = parseTrial(kept);
  if (asked === 'none') return null;
  if ('fault' in asked) throw new Error(`A subscription has the trial ${JSON.stringify(kept)}, which ${asked.fault}.`);
  return asked;
}
