import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actOnRequest, type PaymentRequest } from '../resources/payment-request.ts';
import type { World } from '../world.ts';
import type { Form } from './card-form.ts';
import { type Html, html } from './html.ts';
import { sendBack, sendPage } from './reply.ts';

type PageRequest = FastifyRequest<{ Params: { id: string } }>;

/** Where a customer approves a payment that REQUIRES_ACTION: what a bank's or a wallet's page would be. */
export function actionPages(app: FastifyInstance, world: World): void {
  app.get('/action/:id', (request: PageRequest, reply) =>
    withRequest(world, request, reply, (waiting) => sendPage(reply, 200, 'Approve a payment', approvalBody(waiting))),
  );
  app.post('/action/:id', (request: PageRequest, reply) =>
    withRequest(world, request, reply, (waiting) => {
      const approved = ((request.body ?? {}) as Form).action === 'approve';
      actOnRequest(world, waiting, approved);
      return sendBack(reply, returnUrl(waiting, approved), approved ? 'Approved' : 'Declined');
    }),
  );
}

function withRequest(
  world: World,
  request: PageRequest,
  reply: FastifyReply,
  show: (waiting: PaymentRequest) => FastifyReply,
): FastifyReply {
  const found = world.paymentRequests.byId.get(request.params.id);
  if (found?.status === 'REQUIRES_ACTION') return show(found);
  return sendPage(reply, 410, 'Link closed', html`<h1>There is nothing to approve</h1><p>This link is closed.</p>`);
}

function approvalBody({ id, order }: PaymentRequest): Html {
  return html`<h1>Approve ${order.currency} ${order.amount.toLocaleString('en')}?</h1>
<p>${order.description ?? ''}</p>
<p class="soft">Reference ${order.referenceId}</p>
<form method="post" action="/action/${id}"><div class="deeds">
<button class="first" name="action" value="approve">Approve</button>
<button name="action" value="decline">Decline</button>
</div></form>`;
}

function returnUrl({ order }: PaymentRequest, approved: boolean): string | undefined {
  const urls = order.channelProperties as { success_return_url?: string; failure_return_url?: string };
  return approved ? urls.success_return_url : urls.failure_return_url;
}
