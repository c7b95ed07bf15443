import type { Context } from '../../../context.ts';
import { armCharging } from '../../../flows/charging/arm-charging.ts';
import { disarmCharging } from '../../../flows/charging/disarm-charging.ts';
import { createSubscription } from '../../../flows/subscriptions/create-subscription.ts';
import { advanceClock, aimClock } from '../../../flows/time/advance-clock.ts';
import { LAST_EDITION, OUTAGE } from './cast.ts';
import { ADMIN } from './deeds.ts';
import { apply, secondEdition } from './editions.ts';
import { customerOf, type Deed, type Person } from './person.ts';
import { beginOf, daysBefore, type Span } from './span.ts';
import type { Town } from './town.ts';

/** What follows from a deed comes after it, by the clock too. */
const A_MOMENT = 3;

/** Something that is done once, at the earliest then; things of one instant in this order. */
type Moment = { readonly at: Temporal.Instant; readonly act: (ctx: Context) => Promise<unknown> };

/** Lives the whole span: people join and act, time passes, and all that falls due on the way is done by the flows that bill for real. */
export async function live(
  ctx: Context,
  span: Span,
  town: Town,
  catalogText: string,
  told: (now: Temporal.Instant) => void,
): Promise<void> {
  const ids = new Map<string, string>();
  const moments = [...ofTheHouse(span, catalogText), ...town.people.flatMap((person) => ofPerson(person, town, ids))];
  for (const { at, act } of moments.toSorted((a, b) => Temporal.Instant.compare(a.at, b.at))) {
    if (Temporal.Instant.compare(at, span.until) > 0) break;
    await passTime(ctx, at);
    await act(ctx);
    told(at);
  }
  await passTime(ctx, span.until);
}

/** Everything on the way is done; what was to be done before now is done now. */
async function passTime(ctx: Context, until: Temporal.Instant): Promise<void> {
  const now = await ctx.clock.now();
  await aimClock(ctx, Temporal.Instant.compare(now, until) < 0 ? until : now, false);
  await advanceClock(ctx);
}

function ofPerson(person: Person, town: Town, ids: Map<string, string>): readonly Moment[] {
  const { reference, joins, deeds } = person;
  const join = async (ctx: Context) => {
    const id = await subscribe(ctx, person);
    ids.set(reference, id);
    town.settles(person, id);
  };
  const later = deeds.filter(({ at }) => Temporal.Instant.compare(at, joins) > 0);
  const does = (act: Deed['act']) => async (ctx: Context) => {
    await act(ctx, ids.get(reference) ?? '');
    await jump(ctx, (await ctx.clock.now()).add({ seconds: A_MOMENT }));
  };
  return [{ at: joins, act: join }, ...later.map(({ at, act }) => ({ at, act: does(act) }))];
}

/** As if nothing ran until then; what is due by then is done then. */
async function jump(ctx: Context, until: Temporal.Instant): Promise<void> {
  await aimClock(ctx, until, true);
  await advanceClock(ctx);
}

async function subscribe(ctx: Context, person: Person): Promise<string> {
  const { reference, name, plan, anchor, quantity } = person;
  const customer = {
    referenceId: customerOf(person),
    givenNames: name,
    surname: null,
    email: null,
    mobileNumber: null,
  };
  const made = await createSubscription(ctx, {
    referenceId: reference,
    plan,
    customer,
    anchorDate: anchor,
    trial: null,
    coupon: null,
    quantity,
    timeZone: null,
    returnUrls: { success: null, cancel: null },
    allowedChannels: null,
    locale: null,
    metadata: null,
    canonical: JSON.stringify([reference, plan]),
    actor: 'api:product:shop',
  });
  if (made.kind !== 'created') throw new Error(`${reference} cannot be subscribed: ${JSON.stringify(made)}`);
  return made.dossier.subscription.id;
}

/** What happens to all at once. */
function ofTheHouse(span: Span, catalogText: string): readonly Moment[] {
  const { daysBefore: days, at, hours } = OUTAGE;
  const out = daysBefore(span, days, at);
  const second = beginOf(span).add({ hours: Math.round((span.months * 30 * 24) / 4) });
  const stopped = daysBefore(span, 18, '13:40');
  const why = 'the bank announced work on its lines';
  return [
    {
      at: second,
      act: (ctx: Context) => apply(ctx, secondEdition(catalogText), 'Pro costs more for those who come from now on'),
    },
    {
      at: daysBefore(span, LAST_EDITION.daysBefore, LAST_EDITION.at),
      act: (ctx: Context) => apply(ctx, catalogText, 'the rent of the studio went up'),
    },
    { at: stopped, act: (ctx: Context) => disarmCharging(ctx, { actor: ADMIN, reason: why }) },
    {
      at: stopped.add({ minutes: 25 }),
      act: (ctx: Context) => armCharging(ctx, null, { actor: ADMIN, reason: 'the bank is done' }),
    },
    { at: out, act: (ctx: Context) => jump(ctx, out.add({ hours })) },
  ].filter((moment) => Temporal.Instant.compare(moment.at, beginOf(span)) > 0);
}
