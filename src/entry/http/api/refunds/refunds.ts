import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { refundReasons, refundStates } from '../../../../domain/refunds/refund.ts';
import { type Asked, askRefund } from '../../../../flows/refunds/ask-refund.ts';
import { approveRefund, type RefundDecided, withdrawRefund } from '../../../../flows/refunds/decide-refund.ts';
import { chargeIdOf } from '../../../../flows/views/named.ts';
import { listRefunds, refundView, showRefund } from '../../../../flows/views/refund-view.ts';
import { actorOf } from '../../guard/access.ts';
import { problem } from '../../problem.ts';
import { SEE_ERRORS } from '../../see-errors.ts';
import { pageOf, told } from '../fields.ts';
import { chargeParams, paging } from '../schemas.ts';
import { reasonText } from '../texts.ts';
import { refundSchema } from './refund-schema.ts';

const tags = ['charges'];
const AN_ID = '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17';
const MOST_AMOUNT = 999_999_999_999;
const refundParams = z.object({ id: told(z.uuid('must be the id that the API gave'), 'The id of the refund', AN_ID) });

const body = z
  .strictObject({
    amount: told(
      z.number().max(MOST_AMOUNT),
      'In major units of the charge, more than 0; left out: all that is left of its payment, or of the payment that came in too much',
      49_000,
    ).optional(),
    reason: told(z.enum(refundReasons), 'What Xendit is told', 'REQUESTED_BY_CUSTOMER'),
    note: reasonText,
  })
  .nullish()
  .refine((given) => given !== null && given !== undefined, { path: ['reason'], error: 'is missing' });

const personBody = z.strictObject({ reason: reasonText.optional() }).nullish();
const filters = z.strictObject({
  ...paging,
  state: told(z.enum(refundStates), 'Those in this state', 'pending').optional(),
  charge: told(z.uuid('must be the id that the API gave'), 'Those of this charge', AN_ID).optional(),
  subscription: told(z.uuid('must be the id that the API gave'), 'Those of this subscription', AN_ID).optional(),
});

const NO_REFUND = 'There is no refund with this id.';

/** Refunds: ask for one, look at them, approve or withdraw one. */
export function refundRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/v1/charges/:id/refund',
      {
        schema: {
          tags,
          summary: 'Give money of a charge back; above the sum of the catalog a second person has to approve it',
          params: chargeParams,
          body,
          response: { 201: refundSchema },
        },
      },
      async (request, reply) => {
        const id = await chargeIdOf(ctx, request.params.id);
        const { body: given } = request;
        if (id === null || !given) return problem(reply, 404, 'There is no charge with this reference.');
        const { amount = null, reason, note } = given;
        return await asked(reply, await askRefund(ctx, id, { amount, reason, note, actor: actorOf(request) }));
      },
    );
    app.get(
      '/v1/refunds',
      {
        schema: {
          tags,
          summary: 'Refunds, the newest first',
          querystring: filters,
          response: { 200: pageOf(refundSchema) },
        },
      },
      async ({ query: { state, charge: chargeId, subscription: subscriptionId, cursor, limit } }) => {
        const page = await listRefunds(ctx, { state, chargeId, subscriptionId }, cursor ?? null, limit);
        return { ...page, data: [...page.data] };
      },
    );
    app.get(
      '/v1/refunds/:id',
      { schema: { tags, summary: 'One refund', params: refundParams, response: { 200: refundSchema } } },
      async ({ params }, reply) => (await showRefund(ctx, params.id)) ?? problem(reply, 404, NO_REFUND),
    );
    const byHand = [
      {
        verb: 'approve',
        flow: approveRefund,
        summary: 'Approve a refund that somebody else asked for, or have one tried again that Xendit did not take',
      },
      { verb: 'withdraw', flow: withdrawRefund, summary: 'Take a refund back that Xendit has not taken' },
    ] as const;
    for (const { verb, flow, summary } of byHand) {
      const schema = { tags, summary, params: refundParams, body: personBody, response: { 200: refundSchema } };
      app.post(`/v1/refunds/:id/${verb}`, { schema }, async (request, reply) => {
        const by = { actor: actorOf(request), reason: request.body?.reason ?? null };
        return await decided(reply, await flow(ctx, request.params.id, by));
      });
    }
  };
}

async function asked(reply: FastifyReply, answer: Asked): Promise<FastifyReply> {
  switch (answer.kind) {
    case 'asked':
      return await reply.code(201).send(refundView(answer.refund));
    case 'not_found':
      return problem(reply, 404, 'There is no charge with this id.');
    case 'refused':
      return problem(reply, 409, answer.detail);
    case 'bad_amount':
      return problem(reply, 400, SEE_ERRORS, [{ field: 'amount', message: answer.message }]);
  }
}

async function decided(reply: FastifyReply, answer: RefundDecided): Promise<FastifyReply> {
  switch (answer.kind) {
    case 'decided':
      return await reply.send(refundView(answer.refund));
    case 'not_found':
      return problem(reply, 404, NO_REFUND);
    case 'refused':
      return problem(reply, 409, answer.detail);
    case 'forbidden':
      return problem(reply, 403, answer.detail);
  }
}
