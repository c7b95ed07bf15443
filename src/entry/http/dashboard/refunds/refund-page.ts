import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { RefundLine } from '../../../../flows/views/pages/refund-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { REASONS } from '../acts/refund-things.ts';
import { moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';

/** One refund: how it stands, what comes next, and who wanted it why. */
export function refundDocument(line: RefundLine, zone: string): Page {
  const { refund, shown, fate, reference, cycle } = line;
  const sum = moneyText(refund.amount, refund.currency);
  const place = cycle === null ? 'an extra charge' : `cycle ${cycle}`;
  return {
    title: `Refund of ${sum}, ${shown.word.toLowerCase()}`,
    crumbs: html`<a href="/refunds">Refunds</a> / <a href="/charges/${refund.charge_id}">${reference}, ${place}</a>`,
    heading: html`Refund of <span class="nw">${sum}</span> to <span class="nw">${reference}</span>`,
    lede: html`${stateMark(shown, 'big')} ${fate}`,
    body: html`<section class="card" aria-labelledby="facts"><h2 id="facts" class="vh">Facts</h2><dl class="facts">${factsOf(
      line,
      place,
      zone,
    ).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`,
  };
}

function factsOf(
  { refund, customer, reference }: RefundLine,
  place: string,
  zone: string,
): readonly (readonly [string, Html | string])[] {
  const when = (at: string) => moment(Temporal.Instant.from(at), zone, momentText(at, zone));
  const by = (who: string, at: string) => html`${who}, ${when(at)}`;
  const { approved_by: approver, approved_at: approved, settled_at: settled, next_at: next } = refund;
  const asker = refund.origin === 'xendit' ? 'somebody in Xendit’s dashboard' : refund.asked_by;
  return [
    ['Of', html`<a href="/charges/${refund.charge_id}">${reference}, ${place}</a>`],
    ['Subscription', html`<a href="/subscriptions/${refund.subscription_id}">${reference}</a>`],
    ['Customer', customer ?? 'unnamed'],
    ['Asked for by', by(asker, refund.asked_at)],
    ['Because', refund.note],
    ['Xendit is told', REASONS[refund.reason]],
    ['Approved by', approver === null || approved === null ? 'nobody yet' : by(approver, approved)],
    ...(next === null ? [] : [['Sent or asked about next', when(next)] as const]),
    ...(settled === null ? [] : [['Over since', when(settled)] as const]),
    ...(refund.fee === null ? [] : [['Xendit’s fee', moneyText(refund.fee, refund.currency)] as const]),
    ...(refund.failure_code === null ? [] : [['Xendit’s code', html`<code>${refund.failure_code}</code>`] as const]),
    ['Its name at Xendit', html`<span class="id">${refund.reference_id}</span>`],
    ['Xendit’s id', refund.refund_id === null ? 'none yet' : html`<span class="id">${refund.refund_id}</span>`],
    ['Of the payment', html`<span class="id">${refund.payment_request_id}</span>`],
    ['Refund', html`<span class="id">${refund.id}</span>`],
  ];
}
