import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { DisputePage } from '../../../../flows/views/pages/dispute-page.ts';
import { type Html, html } from '../../pages/html.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';
import { DISPUTE_STATES } from './dispute-words.ts';

/** One dispute: how it stands, by when it has to be answered, and what waits for a decision. */
export function disputeDocument(shown: DisputePage): Page {
  const { dispute, reference, cycle } = shown;
  const state = DISPUTE_STATES[dispute.state];
  const place = cycle === null ? 'an extra charge' : `cycle ${cycle}`;
  const sum = moneyText(dispute.amount, dispute.currency);
  return {
    title: `Dispute of ${reference}, ${state.word.toLowerCase()}`,
    crumbs: html`<a href="/disputes">Disputes</a> / <a href="/charges/${dispute.charge_id}">${place} of ${reference}</a>`,
    heading: html`Dispute of <span class="nw">${reference}</span>: <span class="nw">${sum}</span>`,
    lede: html`${stateMark(state, 'big')} ${sentence(shown)}`,
    body: facts(shown),
  };
}

function sentence({ dispute, stopped, timeZone }: DisputePage): string {
  const answer =
    dispute.answer_by === null
      ? 'It has to be answered in Xendit’s dashboard.'
      : `It has to be answered in Xendit’s dashboard by ${momentText(dispute.answer_by, timeZone)}; what nobody answers is lost.`;
  const waits =
    stopped === 0
      ? []
      : [
          `Nothing is charged to this customer until somebody decides: ${stopped === 1 ? '1 subscription is' : `${stopped} subscriptions are`} stopped.`,
        ];
  return [...(dispute.state === 'action_required' ? [answer] : [SAID[dispute.state]]), ...waits].join(' ');
}

const SAID: Readonly<Record<DisputePage['dispute']['state'], string>> = {
  action_required: '',
  under_review: 'It was answered, and is decided by others.',
  won: 'The bank gave back what it had taken.',
  lost: 'The bank keeps the money.',
};

function facts({ dispute, reference, cycle, timeZone }: DisputePage): Html {
  const at = (moment: string | null) => (moment === null ? 'nobody says' : momentText(moment, timeZone));
  const money = (amount: number) => moneyText(amount, dispute.currency);
  const all: readonly (readonly [string, Html | string])[] = [
    [
      'Charge',
      html`<a href="/charges/${dispute.charge_id}">${cycle === null ? 'an extra charge' : `cycle ${cycle}`} of ${reference}</a>`,
    ],
    ['Disputed', money(dispute.amount)],
    ['The bank has', money(dispute.held)],
    ['Answer by', at(dispute.answer_by)],
    ['Raised', at(dispute.opened_at)],
    ...(dispute.closed_at === null ? [] : [['Over', at(dispute.closed_at)] as const]),
    ['The customer says', dispute.category ?? 'nothing'],
    ...(dispute.reason === null ? [] : [['Xendit says', html`<code>${dispute.reason}</code>`] as const]),
    ['Paid through', dispute.channel_code ?? 'unknown'],
    ...(dispute.decided_by === null ? [] : [['Charged again by', dispute.decided_by] as const]),
    ['Dispute', html`<span class="id">${dispute.id}</span>`],
    ['Payment', html`<span class="id">${dispute.payment_id ?? 'unknown'}</span>`],
  ];
  const pairs = all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts" class="vh">Facts</h2><dl class="facts">${pairs}</dl></section>`;
}
