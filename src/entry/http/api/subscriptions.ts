import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { cancelSubscription } from '../../../flows/subscriptions/cancel-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../../flows/subscriptions/pause-subscription.ts';
import { faultsOfOffer } from '../../../flows/subscriptions/replace-method.ts';
import { faultsOfTerms } from '../../../flows/subscriptions/terms.ts';
import { listSubscriptions, listUpcoming, showSubscription } from '../../../flows/views/list-subscriptions.ts';
import { subscriptionIdOf } from '../../../flows/views/named.ts';
import { actorOf } from '../guard/access.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { createInput, readableChannels, readableTerms } from './create-input.ts';
import { pageOf, told, wholeNumber } from './fields.ts';
import { createBody, onboardingBody, paging, subscriptionParams, subscriptionStatus } from './schemas.ts';
import { answerChanged, answerCreated, answerReplaced } from './subscription-answers.ts';
import { createdSchema, subscriptionSchema, subscriptionTotalSchema, upcomingSchema } from './subscription-schema.ts';
import { filterText, reasonText } from './texts.ts';

const tags = ['subscriptions'];
const noBody = z.strictObject({}).nullish();

/** Subscriptions: create, read, cancel, pause, resume, replace the payment method. */
export function subscriptionRoutes(ctx: Context): FastifyPluginAsyncZod {
  const answered = { 200: subscriptionSchema };
  return async (app) => {
    // From here on the id of every call is ours, however it was written.
    app.addHook('preHandler', async (request, reply) => {
      const params = request.params as { id?: string };
      const id = params.id === undefined ? undefined : await subscriptionIdOf(ctx, params.id);
      if (id === null) return problem(reply, 404, 'There is no subscription with this reference.');
      if (id !== undefined) params.id = id;
      return undefined;
    });
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
          : { data, next_cursor: null };
      },
    );
    const cancelBody = z.strictObject({
      at: told(
        z.enum(['now', 'period_end'], { error: 'must be now or period_end' }),
        'At once, or when what is paid for ends',
        'period_end',
      ),
      reason: reasonText.optional(),
    });
    app.post(
      '/v1/subscriptions/:id/cancel',
      {
        schema: {
          tags,
          summary: 'Cancel now or at the end of the period',
          params: subscriptionParams,
          body: cancelBody,
          response: answered,
        },
      },
      async (request, reply) => {
        const { at, reason } = request.body;
        return await answerChanged(
          ctx,
          reply,
          await cancelSubscription(ctx, request.params.id, { at, reason: reason ?? null, actor: actorOf(request) }),
        );
      },
    );
    const pauseBody = z.strictObject({ reason: reasonText.optional() }).nullish();
    app.post(
      '/v1/subscriptions/:id/pause',
      {
        schema: {
          tags,
          summary: 'Pause: nothing is attempted until it is resumed',
          params: subscriptionParams,
          body: pauseBody,
          response: answered,
        },
      },
      async (request, reply) => {
        const why = request.body?.reason ?? null;
        return await answerChanged(ctx, reply, await pauseSubscription(ctx, request.params.id, actorOf(request), why));
      },
    );
    app.post(
      '/v1/subscriptions/:id/resume',
      {
        schema: {
          tags,
          summary: 'Resume a paused subscription; the period that runs is charged at once if it was never paid',
          params: subscriptionParams,
          body: noBody,
          response: answered,
        },
      },
      async (request, reply) => {
        return await answerChanged(ctx, reply, await resumeSubscription(ctx, request.params.id, actorOf(request)));
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
