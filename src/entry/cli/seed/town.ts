import type { PlayedPayment, Script } from '../../../context.ts';
import { attemptNamed } from '../../../domain/charges/attempt.ts';
import { BREAKDOWN, castOf } from './cast.ts';
import { crowdOf, fateOf } from './crowd.ts';
import { declinedWith, type Person, type Try } from './person.ts';
import { daysBefore, localDay, type Span } from './span.ts';

/** Everybody, and how they are found again by what Xendit is asked. */
export type Town = {
  readonly people: readonly Person[];
  readonly script: Script;
  /** Who a subscription is of, once it is there. */
  readonly settles: (person: Person, subscriptionId: string) => void;
};

export function townOf(span: Span): Town {
  const cast = castOf(span).slice(0, span.subscriptions);
  const people = [...cast, ...crowdOf(span, cast.length)];
  const byReference = new Map(people.map((person) => [person.reference, person]));
  const byId = new Map<string, Person>();
  return {
    people,
    settles: (person, id) => void byId.set(id, person),
    script: {
      method: (reference, link) => byReference.get(reference)?.saves(link) ?? null,
      payment({ referenceId, at }) {
        const named = attemptNamed(referenceId);
        const person = byId.get(named?.subscriptionId ?? '');
        if (named === null || person === undefined) throw new Error(`${referenceId} is of nobody.`);
        const channel = person.saves(1)?.channelCode ?? 'CARDS';
        const attempt = Number(referenceId.split('_').at(-1));
        return fate(span, person, { cycle: named.cycle, attempt, channel, at });
      },
    },
  };
}

function fate(span: Span, person: Person, tried: Try): PlayedPayment {
  if (isDown(span, tried)) return declinedWith('CHANNEL_UNAVAILABLE');
  return person.fate(tried) ?? fateOf(person.reference, tried);
}

function isDown(span: Span, { channel, at }: Try): boolean {
  const day = localDay(at).equals(localDay(span.until).subtract({ days: BREAKDOWN.daysBefore }));
  const end = daysBefore(span, BREAKDOWN.daysBefore, BREAKDOWN.until);
  return channel === BREAKDOWN.channel && day && Temporal.Instant.compare(at, end) < 0;
}
