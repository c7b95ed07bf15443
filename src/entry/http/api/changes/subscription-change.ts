import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { changeTerms, withdrawChange } from '../../../../flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../../../flows/subscriptions/changing/preview-change.ts';
import { readPreviewToken } from '../../../../flows/subscriptions/changing/preview-token.ts';
import { listChanges } from '../../../../flows/views/change-view.ts';
import { actorOf } from '../../guard/access.ts';
import { nameSubscriptions } from '../../named-subscriptions.ts';
import { problem } from '../../problem.ts';
import { SEE_ERRORS } from '../../see-errors.ts';
import { pageOf } from '../fields.ts';
import { paging, subscriptionParams } from '../schemas.ts';
import { answerChanged, answerShown } from '../subscription-answers.ts';
import { changedSchema, subscriptionSchema } from '../subscription-schema.ts';
import { changeBody, changePreviewSchema, changeSchema, previewBody } from './change-schema.ts';

const NOT_OURS = [{ field: 'preview_token', message: 'is none that a preview of this subscription has answered' }];

/** Changes of what was agreed with a subscription: preview, make, withdraw, list. */
export function subscriptionChangeRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    nameSubscriptions(app, ctx);
    const common = { tags: ['subscriptions'], params: subscriptionParams };
    app.post(
      '/v1/subscriptions/:id/change/preview',
      {
        schema: {
          ...common,
          summary: 'What a change would cost and give back, and a token that makes it',
          body: previewBody,
          response: { 200: changePreviewSchema },
        },
      },
      async (request, reply) => {
        const { params, body } = request;
        const previewed = await previewChange(ctx, params.id, { body, actor: actorOf(request) });
        return answerShown(reply, previewed);
      },
    );
    app.post(
      '/v1/subscriptions/:id/change',
      {
        schema: {
          ...common,
          summary:
            'Change the plan, the quantity, or when it is charged: at once, with the next period, or from a day on',
          body: changeBody,
          response: { 200: changedSchema },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { preview_token: token, reason, ...asked } = request.body;
        const previewed = token === undefined ? null : readPreviewToken(ctx, id, token);
        if (token !== undefined && previewed === null) return problem(reply, 400, SEE_ERRORS, NOT_OURS);
        const body = previewed?.body ?? asked;
        const input = { body, previewed, reason: reason ?? null, actor: actorOf(request) };
        return await answerChanged(ctx, reply, await changeTerms(ctx, id, input));
      },
    );
    app.delete(
      '/v1/subscriptions/:id/change',
      {
        schema: {
          ...common,
          summary: 'Withdraw the change that is planned',
          response: { 200: subscriptionSchema },
        },
      },
      async (request, reply) =>
        await answerChanged(ctx, reply, await withdrawChange(ctx, request.params.id, actorOf(request))),
    );
    app.get(
      '/v1/subscriptions/:id/changes',
      {
        schema: {
          ...common,
          summary: 'What was asked to be changed of a subscription, newest first',
          querystring: z.strictObject(paging),
          response: { 200: pageOf(changeSchema) },
        },
      },
      async ({ params, query }, reply) =>
        (await listChanges(ctx, params.id, query.cursor ?? null, query.limit)) ??
        problem(reply, 404, 'There is no subscription with this id.'),
    );
  };
}
