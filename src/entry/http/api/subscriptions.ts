import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { faultsOfOffer } from '../../../flows/subscriptions/replace-method.ts';
import { faultsOfTerms } from '../../../flows/subscriptions/terms.ts';
import {
  countSubscriptions,
  listSubscriptions,
  showSubscription,
  subscriptionLines,
} from '../../../flows/views/list-subscriptions.ts';
import { subscriptionColumns } from '../../../flows/views/lists/subscription-columns.ts';
import { listUpcoming } from '../../../flows/views/upcoming.ts';
import { actorOf } from '../guard/access.ts';
import type { Exports } from '../guard/exports.ts';
import { listFormat, listOrFile, sendFile } from '../lists/file.ts';
import { subscriptionFilters, subscriptionsAsked } from '../lists/subscription-filters.ts';
import { nameSubscriptions } from '../named-subscriptions.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { createInput, readableChannels, readableTerms } from './create-input.ts';
import { pageOf, told, wholeNumber } from './fields.ts';
import { createBody, onboardingBody, paging, subscriptionParams } from './schemas.ts';
import { answerCreated, answerReplaced } from './subscription-answers.ts';
import { createdSchema, subscriptionSchema, subscriptionTotalSchema, upcomingSchema } from './subscription-schema.ts';

const tags = ['subscriptions'];

/** Subscriptions: create, read, replace the payment method. */
export function subscriptionRoutes(ctx: Context, exported: Exports): FastifyPluginAsyncZod {
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
    const filters = z.strictObject({ ...paging, ...subscriptionFilters, format: listFormat });
    app.get(
      '/v1/subscriptions',
      {
        attachValidation: true,
        schema: {
          tags,
          summary: 'Subscriptions, newest first, and what the whole list comes to',
          querystring: filters,
          response: {
            200: listOrFile(
              pageOf(subscriptionSchema).extend({
                totals: z.array(subscriptionTotalSchema).describe('What the whole list comes to'),
              }),
            ),
          },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const asked = subscriptionsAsked(ctx, query, await ctx.clock.now());
        const faults = badFields(request, 'faults' in asked ? asked.faults : []);
        if ('faults' in asked || faults.length > 0) return problem(reply, 400, SEE_ERRORS, faults);
        if (query.format !== 'json') {
          return await sendFile(ctx, exported, reply, {
            format: query.format,
            name: 'subscriptions',
            query,
            columns: subscriptionColumns(ctx.catalog.current.defaults.timeZone),
            batches: subscriptionLines(ctx, asked),
            count: (most) => countSubscriptions(ctx, asked, most),
          });
        }
        const page = await listSubscriptions(ctx, asked, query.cursor ?? null, query.limit);
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
