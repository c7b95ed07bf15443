import { dayText, momentText, shortDay } from '../../../../domain/calendar/moment-text.ts';
import type { ChargePage, Room } from '../../../../flows/views/pages/charge-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { lineOfTime } from '../frame/chart.ts';
import { countText } from '../frame/figures.ts';
import type { Shape, Tone } from '../frame/symbols.ts';

type Charge = ChargePage['charge'];

/** What is left to try: the window as a line, then each bound with what is used, what is left, and what says so. */
export function roomCard(room: Room, charge: Charge, now: Temporal.Instant, zone: string): Html {
  const bounds = [
    ladder(room, charge, zone),
    windowOf(room, now, zone),
    ...networkOf(room, charge),
    mandateOf(room, zone),
  ];
  const body = bounds.map(
    ({ name, used, left, says }) =>
      html`<tr><th scope="row">${name}</th><td>${used}</td><td>${left}</td><td class="quiet wide-only">${says}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="room"><div class="cap"><h2 id="room">What is left to try</h2><p>${policyText(room)}</p></div>
${room.window === null ? '' : line(room.window, charge, now, zone)}<p class="pad small">${nextText(room, charge, zone)}</p>
<table class="t"><caption class="vh">Bounds of this charge</caption><thead><tr><th scope="col">Bound</th><th scope="col">Used</th><th scope="col">Left</th><th scope="col" class="wide-only">Says</th></tr></thead>
<tbody>${body}</tbody></table></section>`;
}

const THEN: Readonly<Record<string, string>> = {
  cancel: 'the charge is given up, and the subscription is canceled',
  pause: 'the charge is given up, and the subscription is paused',
  keep: 'the charge is given up, and the subscription goes on',
};

function policyText({ policy, retryAfterDays, windowDays, then }: Room): string {
  const steps = retryAfterDays.map(String);
  const days = steps.length < 2 ? steps.join('') : `${steps.slice(0, -1).join(', ')} and ${steps.at(-1)}`;
  const retries = steps.length === 0 ? 'no retries' : `retries after ${days} days`;
  return `Policy ${policy}: ${retries}, inside ${windowDays} days, then ${then}`;
}

/** The step that is planned is spent with its decision; it is left until it is tried. */
function stepsUsed({ spent }: Room, { next_attempt_at: next, attempts }: Charge): number {
  return next !== null && attempts.at(-1)?.decision?.rule === 'ladder' ? spent - 1 : spent;
}

/** What comes next, and what follows if that is declined too. */
function nextText(room: Room, charge: Charge, zone: string): string {
  const { next_attempt_at: next, waits_until: until } = charge;
  const end = THEN[room.then] ?? `then ${room.then}`;
  if (until !== null) return `It waits until ${momentText(until, zone)}; if nothing changes, ${end}.`;
  if (next === null) return 'No attempt is planned.';
  const after = room.retryAfterDays.length - stepsUsed(room, charge) - (charge.attempts.length === 0 ? 0 : 1);
  const then = after > 0 ? `${countText(after)} more ${after === 1 ? 'retry is' : 'retries are'} left` : end;
  return `The next attempt is planned for ${momentText(next, zone)}; if it is declined for a cause that is retried, ${then}.`;
}

type Bound = { readonly name: string; readonly used: string; readonly left: string; readonly says: string };

function ladder(room: Room, charge: Charge, zone: string): Bound {
  const [used, whole] = [stepsUsed(room, charge), room.retryAfterDays.length];
  const next = charge.next_attempt_at;
  return {
    name: 'Ladder of the policy',
    used: `${used} of ${whole} retries`,
    left: `${whole - used}${next === null ? '' : `, planned for ${momentText(next, zone)}`}`,
    says: `plan ${charge.plan}, version ${charge.catalog_version}`,
  };
}

function windowOf({ window, windowDays }: Room, now: Temporal.Instant, zone: string): Bound {
  const name = 'Window of the policy';
  const says = 'counted from the first attempt';
  if (window === null) return { name, used: `0 of ${windowDays} days`, left: 'it begins with the first attempt', says };
  const days = Math.floor(
    now.since(window.from).total({ unit: 'days', relativeTo: window.from.toZonedDateTimeISO(zone) }),
  );
  return {
    name,
    used: `${Math.max(0, days)} of ${windowDays} days`,
    left: `until ${momentText(window.until.toString(), zone)}`,
    says,
  };
}

function networkOf({ network }: Room, { currency }: Charge): readonly Bound[] {
  if (network === null) return [];
  return network.uses.map(({ limit, counted, left }) => ({
    name: `${network.name}, same method and amount in ${currency}`,
    used: `${countText(counted)} declined of ${countText(limit.reattempts + 1)} in ${spanText(limit.windowHours)}`,
    left: countText(left),
    says: `network limits, version ${network.version}`,
  }));
}

function spanText(hours: number): string {
  return hours % 24 === 0 && hours > 24 ? `${hours / 24} days` : `${hours} hours`;
}

function mandateOf({ mandate }: Room, zone: string): Bound {
  const name = 'Mandate of the customer';
  if (mandate === null)
    return { name, used: 'no method is saved', left: 'none', says: 'a method has to be saved first' };
  const { frequency, until, savedAt, lastReached } = mandate;
  const last =
    lastReached === null
      ? 'not used yet'
      : `last used on ${dayText(lastReached.toZonedDateTimeISO(zone).toPlainDate())}`;
  const apart = frequency === 1 ? 'one charge a day' : `one charge in ${frequency} days`;
  return {
    name,
    used: `${apart}, ${last}`,
    left: `until ${dayText(until)}`,
    says: `saved ${dayText(savedAt.toZonedDateTimeISO(zone).toPlainDate())}`,
  };
}

const TRIED: Readonly<Record<string, readonly [Shape, Tone]>> = {
  succeeded: ['paid', 'ok'],
  declined: ['uncollectible', 'bad'],
};
const PLANNED = ['dunning', 'wait'] as const;

/** The window as a line: each attempt, the planned one, now, and the end. */
function line({ from, until }: NonNullable<Room['window']>, charge: Charge, now: Temporal.Instant, zone: string): Html {
  const day = (at: Temporal.Instant) => shortDay(at.toZonedDateTimeISO(zone).toPlainDate());
  const mark = (at: string, [shape, tone]: readonly [Shape, Tone]) => ({ at: Temporal.Instant.from(at), shape, tone });
  const tried = charge.attempts.map(({ sent_at, outcome }) =>
    mark(sent_at, TRIED[outcome ?? ''] ?? ['unknown', 'person']),
  );
  const next = charge.next_attempt_at;
  const marks = next === null ? tried : [...tried, mark(next, PLANNED)];
  const plot = lineOfTime({ from, until, now, marks, begins: day(from), ends: `${day(until)}, window ends` });
  const days = tried.map(({ at }) => day(at)).join(', ');
  const planned = next === null ? 'None is planned' : `The next is planned for ${day(Temporal.Instant.from(next))}`;
  return html`<div class="pad"><figure>${plot}
<figcaption class="vh">Attempts on ${days === '' ? 'no day yet' : days}. ${planned}; the window ends on ${day(until)}.</figcaption></figure></div>`;
}
