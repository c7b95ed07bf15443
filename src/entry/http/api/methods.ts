import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { endings } from '../../../domain/methods/method-end.ts';
import { type MethodInput, rankMethod, removeMethod } from '../../../flows/subscriptions/change-methods.ts';
import { listMethods } from '../../../flows/views/list-methods.ts';
import { actorOf } from '../guard/access.ts';
import { nameSubscriptions } from '../named-subscriptions.ts';
import { problem } from '../problem.ts';
import { date, maybeText, oneOf, pageOf, told } from './fields.ts';
import { subscriptionParams } from './schemas.ts';
import { answerChanged } from './subscription-answers.ts';
import { changedSchema, methodFields } from './subscription-schema.ts';

const tags = ['subscriptions'];

const methodSchema = z
  .object({
    ...methodFields,
    expiry_month: maybeText('The month in which the card ends', '12'),
    expiry_year: maybeText('The year in which the card ends', '2030'),
    recurring_expiry: date('The last day on which the method may be charged', '2036-02-02'),
    ends_on: date(
      'The last day on which it can be counted on; told 30, 7 and 1 days before (method.expiring)',
      '2030-12-31',
    ),
    ends_by: oneOf(
      endings,
      'What ends it then: what its customer agreed to, what is printed on the card, or how long its channel keeps it',
    ),
  })
  .meta({ id: 'Method', description: 'A method that a subscription may be charged to' });

const methodParams = subscriptionParams.extend({
  method: told(
    z.uuid('must be the id that the API gave'),
    'The id of the method',
    '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17',
  ),
});
const rankBody = z.strictObject({
  rank: told(
    z.int('must be a whole number').min(1).max(100),
    'Its place among the methods; beyond the last it is the last',
    1,
  ),
});

/** Methods of a subscription: list, rank, remove. */
export function methodRoutes(ctx: Context): FastifyPluginAsyncZod {
  const known = async (params: { readonly id: string; readonly method: string }) =>
    (await listMethods(ctx, params.id))?.some((one) => one.id === params.method) === true;
  return async (app) => {
    nameSubscriptions(app, ctx);
    app.get(
      '/v1/subscriptions/:id/methods',
      {
        schema: {
          tags,
          summary: 'The methods of a subscription, the one that is charged first',
          params: subscriptionParams,
          response: { 200: pageOf(methodSchema) },
        },
      },
      async (request, reply) => {
        const data = await listMethods(ctx, request.params.id);
        return data === null
          ? problem(reply, 404, 'There is no subscription with this id.')
          : { data, next_cursor: null };
      },
    );
    const answered = { 200: changedSchema };
    app.patch(
      '/v1/subscriptions/:id/methods/:method',
      {
        schema: {
          tags,
          summary: 'Give a method another rank',
          params: methodParams,
          body: rankBody,
          response: answered,
        },
      },
      async (request, reply) => {
        if (!(await known(request.params))) return problem(reply, 404, NO_METHOD);
        const input = { ...inputOf(request.params, actorOf(request)), rank: request.body.rank };
        return await answerChanged(ctx, reply, await rankMethod(ctx, request.params.id, input));
      },
    );
    app.delete(
      '/v1/subscriptions/:id/methods/:method',
      { schema: { tags, summary: 'Remove a method from a subscription', params: methodParams, response: answered } },
      async (request, reply) => {
        if (!(await known(request.params))) return problem(reply, 404, NO_METHOD);
        const input = inputOf(request.params, actorOf(request));
        return await answerChanged(ctx, reply, await removeMethod(ctx, request.params.id, input));
      },
    );
  };
}

const NO_METHOD = 'The subscription has no method with this id.';

function inputOf({ method }: { readonly method: string }, actor: string): MethodInput {
  return { method, actor };
}
