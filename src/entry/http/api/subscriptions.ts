import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { faultsOfOffer } from '../../../flows/subscriptions/replace-method.ts';
import { faultsOfTerms } from '../../../flows/subscriptions/terms.ts';
import { listSubscriptions, showSubscription } from '../../../flows/views/list-subscriptions.ts';
import { listUpcoming } from '../../../flows/views/upcoming.ts';
import { actorOf } from '../guard/access.ts';
import { nameSubscriptions } from '../named-subscriptions.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { createInput, readableChannels, readableTerms } from './create-input.ts';
import { pageOf, told, wholeNumber } from './fields.ts';
import { createBody, onboardingBody, paging, subscriptionParams, subscriptionStatus } from './schemas.ts';
import { answerCreated, answerReplaced } from './subscription-answers.ts';
import { createdSchema, subscriptionSchema, subscriptionTotalSchema, upcomingSchema } from './subscription-schema.ts';
import { filterText } from './texts.ts';

const tags = ['subscriptions'];

/** Subscriptions: create, read, replace the payment method. */
export function subscriptionRoutes(ctx: Context): FastifyPluginAsyncZod {
  const answered = { 200: subscriptionSchema };
  return async (app) => {
    nameSubscriptions(app, ctx);
    app.post(
      '/v1/subscriptions',
      {
        attachValidation: true,
        schema: {
          tags,
          summary: 'Create a subscription; the same request again is answered alike',
          body: createBody,
          response: { 200: subscriptionSchema, 201: createdSchema },
        },
      },
      async (request, reply) => {
        if (request.validationError !== undefined) {
          const terms = readableTerms(request.body);
          const found = terms === null ? [] : await faultsOfTerms(ctx, terms);
          return problem(reply, 400, SEE_ERRORS, badFields(request, found));
        }
        return await answerCreated(ctx, reply, { ...createInput(request.body), actor: actorOf(request) });
      },
    );
    const filters = z.strictObject({
      ...paging,
      status: told(subscriptionStatus, 'Those of this status', 'past_due').optional(),
      plan: told(filterText, 'Those of this plan', 'pro-monthly'),
      customer: told(filterText, 'Those of this customer, by your reference or its id', 'cust-1001'),
      reference_id: told(filterText, 'The one with this reference of yours', 'sub-1001'),
    });
    app.get(
      '/v1/subscriptions',
      {
        schema: {
          tags,
          summary: 'Subscriptions, newest first, and what the whole list comes to',
          querystring: filters,
          response: {
            200: pageOf(subscriptionSchema).extend({
              totals: z.array(subscriptionTotalSchema).describe('What the whole list comes to'),
            }),
          },
        },
      },
      async ({ query }) => {
        const { cursor, limit, reference_id: reference, ...filter } = query;
        const page = await listSubscriptions(ctx, { ...filter, reference }, cursor ?? null, limit);
        return { data: [...page.data], next_cursor: page.next_cursor, totals: [...page.totals] };
      },
    );
    app.get(
      '/v1/subscriptions/:id',
      { schema: { tags, summary: 'A subscription', params: subscriptionParams, response: answered } },
      async ({ params }, reply) => {
        return (
          (await showSubscription(ctx, params.id)) ?? problem(reply, 404, 'There is no subscription with this id.')
        );
      },
    );
    const count = z.strictObject({ count: told(wholeNumber(1, 120), 'How many', 12).default(12) });
    const upcoming = pageOf(upcomingSchema);
    app.get(
      '/v1/subscriptions/:id/upcoming',
      {
        schema: {
          tags,
          summary: 'The next charges of a subscription',
          params: subscriptionParams,
          querystring: count,
          response: { 200: upcoming },
        },
      },
      async (request, reply) => {
        const data = await listUpcoming(ctx, request.params.id, request.query.count);
        return data === null
          ? problem(reply, 404, 'There is no subscription with this id.')
          : { data: [...data], next_cursor: null };
      },
    );
    const renewed = { 201: subscriptionSchema };
    app.post(
      '/v1/subscriptions/:id/onboarding',
      {
        attachValidation: true,
        schema: {
          tags,
          summary: 'A new session, in which the customer replaces the payment method',
          params: subscriptionParams,
          body: onboardingBody.nullish(),
          response: renewed,
        },
      },
      async (request, reply) => {
        const { validationError } = request;
        // An id that is none names nothing that there is.
        if (validationError?.validationContext === 'params') throw validationError;
        if (validationError !== undefined) {
          const found = await faultsOfOffer(ctx, request.params.id, readableChannels(request.body));
          return problem(reply, 400, SEE_ERRORS, badFields(request, found));
        }
        return await answerReplaced(ctx, reply, request.params.id, request.body ?? {}, actorOf(request));
      },
    );
  };
}
