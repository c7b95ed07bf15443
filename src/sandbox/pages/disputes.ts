import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type Dispute,
  disputable,
  endDispute,
  findDispute,
  raiseDispute,
  reviewDispute,
} from '../resources/dispute.ts';
import { toMajor } from '../resources/money.ts';
import type { Payment } from '../resources/payment.ts';
import type { World } from '../world.ts';
import type { Form } from './card-form.ts';
import { type Html, html } from './html.ts';
import { sendPage } from './reply.ts';

type PageRequest = FastifyRequest<{ Params: { id: string } }>;

/** Newest first, so many of each. */
const SHOWN = 50;

/** Where a tester plays the bank: disputes a payment, and has a dispute answered, won or lost. */
export function disputePages(app: FastifyInstance, world: World): void {
  app.get('/disputes', (_request, reply) => sendPage(reply, 200, 'Disputes', body(world)));
  app.post('/disputes/of/:id', (request: PageRequest, reply) => {
    raiseDispute(world, disputable(world, request.params.id), {});
    return back(reply);
  });
  app.post('/disputes/:id', (request: PageRequest, reply) => {
    const dispute = findDispute(world, request.params.id);
    const { action } = (request.body ?? {}) as Form;
    if (action === 'review') reviewDispute(world, dispute);
    else endDispute(world, dispute, { status: action === 'won' ? 'WON' : 'LOST', reason: 'CHALLENGED' });
    return back(reply);
  });
}

const back = (reply: FastifyReply) => reply.redirect('/disputes', 303);

function body(world: World): Html {
  const disputes = [...world.disputes.values()].toReversed().slice(0, SHOWN);
  const disputed = new Set(disputes.map(({ payment }) => payment.id));
  const paid = [...world.payments.values()]
    .filter(({ id, status }) => status === 'SUCCEEDED' && !disputed.has(id))
    .toReversed()
    .slice(0, SHOWN);
  return html`<h1>Disputes</h1>
${disputes.length === 0 ? html`<p>No payment is disputed.</p>` : html`${disputes.map(disputeForm)}`}
<h1>Payments</h1>
${paid.length === 0 ? html`<p>Nothing is paid that could be disputed.</p>` : html`${paid.map(paymentForm)}`}`;
}

function disputeForm({ id, status, amount, payment }: Dispute): Html {
  const { currency, referenceId } = payment.request.order;
  const isOpen = status === 'ACTION_REQUIRED' || status === 'UNDER_REVIEW';
  const review = status === 'ACTION_REQUIRED' ? html`<button name="action" value="review">Answer</button>` : undefined;
  const deeds = html`<div class="deeds">${review}<button name="action" value="won">Won</button><button name="action" value="lost">Lost</button></div>`;
  return html`<form method="post" action="/disputes/${id}"><p>${currency} ${toMajor(amount, currency).toLocaleString('en')}: ${status}</p>
<p class="soft">Reference ${referenceId}</p>${isOpen ? deeds : undefined}</form>`;
}

function paymentForm({ id, request: { order } }: Payment): Html {
  return html`<form method="post" action="/disputes/of/${id}"><p>${order.currency} ${order.amount.toLocaleString('en')}, ${order.channel.label}</p>
<p class="soft">Reference ${order.referenceId}</p><div class="deeds"><button>Dispute</button></div></form>`;
}
