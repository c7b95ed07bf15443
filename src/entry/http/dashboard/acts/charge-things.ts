import { z } from 'zod';
import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { type ShownState, shownState } from '../../../../domain/charges/shown-state.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import {
  forgiveCharge,
  holdCharge,
  releaseCharge,
  retryCharge,
  voidCharge,
  writeOffCharge,
} from '../../../../flows/charges/change-charge.ts';
import { type ChargeSubject, chargeSubjects } from '../../../../flows/views/acts/charge-subjects.ts';
import { meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import type { Asked } from './asked.ts';
import { type Acted, type Deed, placeSeen, type Subject, type Thing } from './thing.ts';

export type Charge = Subject & { readonly charge: ChargeSubject };

const FLOWS = {
  release: releaseCharge,
  retry: retryCharge,
  hold: holdCharge,
  void: voidCharge,
  'write-off': writeOffCharge,
  forgive: forgiveCharge,
} as const;

export const became = (status: Parameters<typeof shownState>[0]['status']): ShownState =>
  shownState({ status, inDunning: false, waitsUntil: null, lastOutcome: null });
const due = (word: string): ShownState => ({ ...became('due'), word });
export const each = (all: readonly unknown[]) => (all.length === 1 ? 'It' : 'Each');

const VOUCHED: Asked = {
  id: 'vouched',
  label: 'I have looked at Xendit: the attempt without an outcome collected nothing',
  isTicked: true,
  schema: z.literal('yes', 'Look at Xendit first, then tick that nothing was collected').transform(String),
};
/** Who closes an attempt that may have collected says that they looked. */
export const vouching = (all: readonly Charge[]) => (all.some(({ charge }) => charge.isInDoubt) ? [VOUCHED] : []);
const nothing = (): readonly Asked[] => [];

function deed(verb: keyof typeof FLOWS, more: Omit<Deed<Charge>, 'verb' | 'refusal' | 'bounds' | 'act'>): Deed<Charge> {
  return {
    verb,
    refusal: ({ charge }) => charge.refusals[verb],
    bounds: boundsOf,
    act: async (ctx, { charge }, { actor, reason }): Promise<Acted> => {
      const changed = await FLOWS[verb](ctx, charge.id, { actor, reason });
      if (changed.kind === 'changed') return { kind: 'done' };
      return { kind: 'refused', detail: changed.kind === 'refused' ? changed.detail : 'There is no such charge.' };
    },
    ...more,
  };
}

export function boundsOf({ charge: { spent, mandateEnd } }: Charge): string {
  const ladder = spent === null ? 'No rules can be read' : `Retries ${spent.retries} of ${spent.of}`;
  return mandateEnd === null ? `${ladder}, no method` : `${ladder}, mandate until ${dayText(mandateEnd)}`;
}

const rests = ({ charge }: Charge) => charge.subscriptionStatus === 'paused';
const NOT_TOUCHED = 'The subscription, its other charges and its payment method stay as they are.';

const deeds: readonly Deed<Charge>[] = [
  deed('release', {
    word: 'Release',
    saying: (what) => `Release ${what}`,
    past: 'Released',
    lede: (all) =>
      `${each(all)} becomes due again and is attempted within a minute. You vouch that nothing was collected for it so far.`,
    after: (one) => (rests(one) ? due('Due, rests until resumed') : due('Due, tried at once')),
    untouched: NOT_TOUCHED,
    asks: vouching,
    done: (one) => (rests(one) ? 'It is due, and rests until its subscription is resumed.' : 'It is due again.'),
  }),
  deed('retry', {
    word: 'Try at once',
    saying: (what) => `Try ${what} at once`,
    past: 'To be tried at once',
    lede: (all) =>
      `${each(all)} is attempted within a minute, over the method that is saved. It spends no step of the ladder: what was planned comes as planned, should this try be declined.`,
    after: () => due('Due, tried at once'),
    untouched:
      'The limits of mandate and network hold all the same: where they forbid a try now, it is made as soon as they allow it.',
    asks: nothing,
    done: () => 'It is in line now.',
  }),
  deed('hold', {
    word: 'Hold',
    saying: (what) => `Hold ${what}`,
    past: 'Held',
    lede: (all) =>
      `${each(all)} waits for a person: nothing of it is attempted until somebody releases it. It stays owed.`,
    after: () => became('held'),
    untouched: NOT_TOUCHED,
    asks: nothing,
    done: () => 'It waits in the queue until somebody releases or voids it.',
  }),
  deed('void', {
    word: 'Void',
    saying: (what) => `Void ${what}`,
    past: 'Voided',
    lede: (all) =>
      `${each(all)} is no longer owed, and nothing of it is attempted. The row and the reason stay, and it cannot be made due again.`,
    after: () => became('void'),
    untouched: NOT_TOUCHED,
    asks: vouching,
    done: () => 'It is no longer owed.',
  }),
  deed('write-off', {
    word: 'Write off',
    saying: (what) => `Write off ${what}`,
    past: 'Written off',
    lede: (all) => `${each(all)} is given up: it stays owed, and nothing of it is tried unless a person has it tried.`,
    after: () => became('uncollectible'),
    untouched: NOT_TOUCHED,
    asks: vouching,
    done: () => 'It stays owed, and is tried no more.',
  }),
  deed('forgive', {
    word: 'Forgive',
    saying: (what) => `Forgive ${what}`,
    past: 'Forgiven',
    lede: (all) =>
      `${each(all)} is no longer owed, and its customer keeps what a payment of it would have given: access stays as if it were paid.`,
    after: () => became('void'),
    untouched: NOT_TOUCHED,
    asks: vouching,
    done: () => 'It is no longer owed, and counts as paid.',
  }),
];

/** What may be done with a charge by hand. */
export const CHARGES: Thing<Charge> = {
  base: '/charges/:id',
  one: 'charge',
  many: 'charges',
  load: async (ctx, ids) => (await chargeSubjects(ctx, ids)).map(subjectOf),
  since: async (ctx, { charge }, seen) =>
    await meanwhile(ctx, { subscription: charge.subscription, seq: placeSeen(seen) }),
  deeds,
};

function subjectOf(charge: ChargeSubject): Charge {
  const { id, reference, cycle, amount, currency, seen, state } = charge;
  return {
    id,
    charge,
    seen: String(seen.seq),
    asSeen: seen,
    name: cycle === null ? `${reference}, an extra charge` : `${reference}, cycle ${cycle}`,
    reference,
    path: `/charges/${id}`,
    money: moneyText(amount, currency),
    now: state,
  };
}
