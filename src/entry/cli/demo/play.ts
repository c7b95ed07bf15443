import type { ChargeView, WholeChargeView } from '../../../flows/views/list-charges.ts';
import type { SubscriptionView } from '../../../flows/views/subscription-view.ts';
import type { Api, Page } from '../api.ts';
import { sendClock } from '../test-clock.ts';
import { cast } from './cast.ts';
import type { Deed, Person } from './person.ts';
import { answerPrice, tellOfPrice } from './price-rise.ts';
import type { Stage } from './stage.ts';

export const ZONE = 'Asia/Jakarta';
export const MONTHS = 6;

/** Somebody of the cast, once they have a subscription. */
export type Player = { readonly person: Person; readonly subscriptionId: string };

export type Play = {
  readonly api: Api;
  readonly stage: Stage;
  /** The calendar year in which all happens: the next one, for clocks only go forward. */
  readonly year: number;
  readonly players: Map<string, Player>;
  /** The admin applies the edited catalog. */
  readonly raisePrice: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Called whenever time has passed. */
  readonly told: (now: Temporal.Instant) => Promise<void>;
};

type Moment = { readonly at: Temporal.Instant; readonly act: (play: Play) => Promise<void> };

/** Six months of a small business: people join, pay, fail to pay, change their minds, in the order of the calendar. */
export async function perform(play: Play): Promise<void> {
  await sendClock(play.api, localInstant(play.year, '01-02', 8), true, () => undefined, play.signal);
  for (const { at, act } of moments(play.year)) {
    await passTime(play, at);
    await act(play);
  }
}

/** Time passes, and everything that falls due on the way is done. */
async function passTime(play: Play, until: Temporal.Instant): Promise<void> {
  play.signal.throwIfAborted();
  await sendClock(play.api, until, false, () => undefined, play.signal);
  await play.told(until);
}

function moments(year: number): readonly Moment[] {
  const joining = [...new Set(cast.map(({ joins }) => joins))].map((day) => ({
    at: localInstant(year, day, 10),
    act: (play: Play) =>
      join(
        play,
        cast.filter((person) => person.joins === day),
      ),
  }));
  const deeds = cast.flatMap((person) =>
    (person.deeds ?? []).map((deed) => ({
      at: deedInstant(year, deed.at),
      act: (play: Play) => perpetrate(play, person, deed.do),
    })),
  );
  const monthEnds = Array.from({ length: MONTHS }, (_, index) => ({
    at: new Temporal.PlainDate(year, 1, 1)
      .add({ months: index + 1 })
      .toZonedDateTime(ZONE)
      .toInstant(),
    act: async () => undefined,
  }));
  return [...joining, ...deeds, ...monthEnds].toSorted((a, b) => Temporal.Instant.compare(a.at, b.at));
}

function localInstant(year: number, monthDay: string, hour: number): Temporal.Instant {
  return Temporal.PlainDate.from(`${year}-${monthDay}`)
    .toZonedDateTime({ timeZone: ZONE, plainTime: { hour } })
    .toInstant();
}

function deedInstant(year: number, text: string): Temporal.Instant {
  const [day = '', hour = ''] = text.split('T');
  return localInstant(year, day, Number(hour));
}

/** They subscribe, follow the link, and save a payment method; whatever is due at once is charged. */
async function join(play: Play, people: readonly Person[]): Promise<void> {
  await Promise.all(people.map((person) => subscribe(play, person)));
  await settle(play);
}

async function subscribe(play: Play, person: Person): Promise<void> {
  const made: SubscriptionView = await play.api.post('/v1/subscriptions', {
    reference_id: `sub-${person.name.toLowerCase()}`,
    plan: person.plan,
    customer: { reference_id: person.name, given_names: person.name },
    ...(person.coupon === undefined ? {} : { coupon: person.coupon }),
    ...(person.anchor === undefined ? {} : { anchor_date: `${play.year}-${person.anchor}` }),
  });
  play.players.set(person.name, { person, subscriptionId: made.id });
  for (const { cycle, attempt, do: trouble } of person.troubles ?? []) {
    const match = { reference_id: `due_${made.id}_${cycle}_${attempt}` };
    await play.stage.post('scenarios', { match, do: trouble });
  }
  await saveMethod(play, made, methodOf(person, play.year));
}

function methodOf({ pays }: Person, year: number): object {
  const { expires, ...method } = pays;
  return expires === undefined ? method : { ...method, expiry_year: year };
}

async function saveMethod(play: Play, { onboarding }: SubscriptionView, method: object): Promise<void> {
  if (onboarding === null) throw new Error('The subscription has no session in which a payment method could be saved.');
  await play.stage.post(`sessions/${onboarding.session_id}/complete`, method);
}

/** No time passes, but what is under way ends: webhooks are delivered, what is due now is charged. */
async function settle(play: Play): Promise<void> {
  const { now } = await play.api.get<{ now: string }>('/v1/test-clock');
  await passTime(play, Temporal.Instant.from(now));
}

async function perpetrate(play: Play, person: Person, deed: Deed): Promise<void> {
  const player = play.players.get(person.name);
  if (player === undefined) throw new Error(`${person.name} acts before joining.`);
  await doDeed(play, player, deed);
  await settle(play);
}

async function doDeed(
  { api, stage, ...play }: Play,
  { person, subscriptionId: id }: Player,
  deed: Deed,
): Promise<unknown> {
  switch (deed) {
    case 'cancel_at_period_end':
      return await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'period_end', reason: 'no longer needed' });
    case 'cancel_now':
      return await api.post(`/v1/subscriptions/${id}/cancel`, { at: 'now', reason: 'changed her mind' });
    case 'pause':
      return await api.post(`/v1/subscriptions/${id}/pause`);
    case 'pause_until_june':
      return await api.post(`/v1/subscriptions/${id}/pause`, { until: `${play.year}-06-01`, on_resume: 'void' });
    case 'resume':
      return await api.post(`/v1/subscriptions/${id}/resume`);
    case 'new_card': {
      const renewed: SubscriptionView = await api.post(`/v1/subscriptions/${id}/onboarding`);
      return await saveMethod({ api, stage, ...play }, renewed, { card_number: '4000000000001000' });
    }
    case 'approve':
      return await stage.approve(await openLink(api, id));
    case 'pay_by_hand':
      return await payByHand(api, stage, id);
    case 'upgrade': {
      const changed: SubscriptionView = await api.post(`/v1/subscriptions/${id}/change`, { plan: 'max' });
      return await payBehindLink(api, stage, changed.planned_change?.charge_id);
    }
    case 'raise_price':
      return await play.raisePrice();
    case 'be_told':
      return await tellOfPrice(api, id);
    case 'agree':
      return await answerPrice(api, id, 'given');
    case 'refuse':
      return await answerPrice(api, id, 'refused');
    case 'release': {
      const held = await chargesOf(api, id, { status: 'held' });
      return await Promise.all(
        held.map((charge) =>
          api.post(`/v1/charges/${charge.id}/release`, { reason: `${person.name}'s channel works again` }),
        ),
      );
    }
    case 'lose_webhooks':
      return await stage.post('webhooks', { drop: true });
    case 'find_webhooks':
      return await stage.post('webhooks', { drop: false });
  }
}

export async function chargesOf(
  api: Api,
  subscriptionId: string,
  filter: { readonly status?: string } = {},
): Promise<readonly ChargeView[]> {
  return (await api.get<Page<ChargeView>>('/v1/charges', { subscription: subscriptionId, limit: 500, ...filter })).data;
}

async function payByHand(api: Api, stage: Stage, subscriptionId: string): Promise<void> {
  const [owed] = await chargesOf(api, subscriptionId, { status: 'due' });
  await payBehindLink(api, stage, owed?.id);
}

/** The customer opens the link that was mailed, presses its button, and pays on Xendit's page. */
async function payBehindLink(api: Api, stage: Stage, chargeId: string | undefined): Promise<void> {
  if (chargeId === undefined) throw new Error('Nothing is owed that could be paid by hand.');
  const { url } = await api.post<{ url: string }>(`/v1/charges/${chargeId}/pay-link`);
  const session = await stage.follow(url);
  await stage.post(`sessions/${session}/complete`, { card_number: '5200000000001005' });
}

async function openLink(api: Api, subscriptionId: string): Promise<string> {
  for (const { id } of await chargesOf(api, subscriptionId, { status: 'due' })) {
    const charge = await api.get<WholeChargeView>(`/v1/charges/${id}`);
    const link = charge.attempts.find((attempt) => attempt.action_url !== null)?.action_url;
    if (link) return link;
  }
  throw new Error('No charge waits for the customer.');
}
