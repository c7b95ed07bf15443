import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { disputeStates } from '../../../../domain/disputes/dispute.ts';
import { type DisputeDecided, releaseDisputed } from '../../../../flows/disputes/release-disputed.ts';
import { disputeView, listDisputes, showDispute } from '../../../../flows/views/disputes/dispute-view.ts';
import { actorOf } from '../../guard/access.ts';
import { problem } from '../../problem.ts';
import { pageOf, told } from '../fields.ts';
import { paging } from '../schemas.ts';
import { plainText, reasonText } from '../texts.ts';
import { disputeSchema } from './dispute-schema.ts';

const tags = ['charges'];
const AN_ID = '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17';
const A_DISPUTE = 'mi-dspt-f44d259f-fd9d-4de9-80de-1eef3f1506b7';
const params = z.object({ id: told(plainText(255), "Xendit's id of the dispute", A_DISPUTE) });

const body = z
  .strictObject({ reason: reasonText })
  .nullish()
  .refine((given) => given !== null && given !== undefined, { path: ['reason'], error: 'is missing' });

const filters = z.strictObject({
  ...paging,
  state: told(z.enum(disputeStates), 'Those in this state', 'action_required').optional(),
  charge: told(z.uuid('must be the id that the API gave'), 'Those of this charge', AN_ID).optional(),
  subscription: told(z.uuid('must be the id that the API gave'), 'Those of this subscription', AN_ID).optional(),
});

const NO_DISPUTE = 'There is no dispute with this id.';

/** Disputes: look at them, and decide that their customer is charged again. They are answered at Xendit. */
export function disputeRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/v1/disputes',
      {
        schema: {
          tags,
          summary: 'Disputes, those first that have to be answered soonest',
          querystring: filters,
          response: { 200: pageOf(disputeSchema) },
        },
      },
      async ({ query: { state, charge: chargeId, subscription: subscriptionId, cursor, limit } }) => {
        const page = await listDisputes(ctx, { state, chargeId, subscriptionId }, cursor ?? null, limit);
        return { ...page, data: [...page.data] };
      },
    );
    app.get(
      '/v1/disputes/:id',
      { schema: { tags, summary: 'One dispute', params, response: { 200: disputeSchema } } },
      async (request, reply) => (await showDispute(ctx, request.params.id)) ?? problem(reply, 404, NO_DISPUTE),
    );
    const summary = 'Have the customer of a dispute charged again: what was stopped for it goes on';
    app.post(
      '/v1/disputes/:id/release',
      { schema: { tags, summary, params, body, response: { 200: disputeSchema } } },
      async (request, reply) => {
        const by = { actor: actorOf(request), reason: request.body?.reason ?? '' };
        return await decided(reply, await releaseDisputed(ctx, request.params.id, by));
      },
    );
  };
}

async function decided(reply: FastifyReply, answer: DisputeDecided): Promise<FastifyReply> {
  switch (answer.kind) {
    case 'decided':
      return await reply.send(disputeView(answer.dispute));
    case 'not_found':
      return problem(reply, 404, NO_DISPUTE);
    case 'refused':
      return problem(reply, 409, answer.detail);
  }
}
