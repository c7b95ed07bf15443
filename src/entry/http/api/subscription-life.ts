import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { onResumes, pausedCycles } from '../../../domain/subscriptions/pause.ts';
import { cancelSubscription, keepSubscription } from '../../../flows/subscriptions/canceling/cancel-subscription.ts';
import { previewCancel } from '../../../flows/subscriptions/canceling/preview-cancel.ts';
import { grantGrace } from '../../../flows/subscriptions/grant-grace.ts';
import { pauseSubscription, resumeSubscription } from '../../../flows/subscriptions/pause-subscription.ts';
import { actorOf } from '../guard/access.ts';
import { nameSubscriptions } from '../named-subscriptions.ts';
import { told } from './fields.ts';
import { subscriptionParams } from './schemas.ts';
import { answerChanged, answerPreviewed } from './subscription-answers.ts';
import { cancelPreviewSchema, changedSchema, subscriptionSchema } from './subscription-schema.ts';
import { dateText, instantText, reasonText } from './texts.ts';

const tags = ['subscriptions'];

const when = (description: string) =>
  told(z.enum(['now', 'period_end'], { error: 'must be now or period_end' }), description, 'period_end');
const onResume = told(
  z.enum(onResumes, { error: 'must be charge, void or hold' }),
  'What becomes of the charges that were due, and of the period that runs then: charged at once, void, or held for a person',
  'charge',
).optional();

const cancelBody = z.strictObject({
  at: when('At once, or when what is paid for ends'),
  refund: told(
    z.enum(['none', 'unused', 'last'], { error: 'must be none, unused or last' }),
    'What is given back: nothing, the share of the days that are not used, or the last payment',
    'none',
  ).optional(),
  reason: reasonText.optional(),
});
const cancelQuery = z.strictObject({
  preview: told(
    z.enum(['true', 'false'], { error: 'must be true or false' }),
    'true: nothing is changed, and the answer says what would be void and could be given back',
    'true',
  ).optional(),
});
const pauseBody = z
  .strictObject({
    at: when('At once, which it is where this is left out, or when what is paid for ends').optional(),
    until: told(
      dateText,
      'The day on which it goes on by itself; left out: when somebody resumes it',
      '2026-03-01',
    ).optional(),
    on_resume: onResume,
    cycles: told(
      z.enum(pausedCycles, { error: 'must be skip or shift' }),
      'What becomes of the cycles of the time that is paused: skip lets them pass, shift moves all that are to come by the days of the pause',
      'skip',
    ).optional(),
    reason: reasonText.optional(),
  })
  .nullish();
const graceBody = z.strictObject({
  until: told(
    z.union(
      [dateText, instantText],
      'must be a date like 2026-01-31, or an instant like 2026-02-01T00:00:00Z, before 2200-01-01',
    ),
    'The last day, included, in the zone of the subscription; or an instant',
    '2026-02-15',
  ),
  reason: reasonText,
});
const resumeBody = z.strictObject({ on_resume: onResume }).nullish();

function momentOf(text: string): Temporal.PlainDate | Temporal.Instant {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? Temporal.PlainDate.from(text) : Temporal.Instant.from(text);
}

/** The life of a subscription: cancel, pause, resume, take each of them back, and let in whoever owes. */
export function subscriptionLifeRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    nameSubscriptions(app, ctx);
    const answered = { 200: changedSchema };
    const common = { tags, params: subscriptionParams };
    app.post(
      '/v1/subscriptions/:id/cancel',
      {
        schema: {
          ...common,
          summary: 'Cancel now or at the end of the period',
          querystring: cancelQuery,
          body: cancelBody,
          response: { 200: z.union([cancelPreviewSchema, changedSchema]) },
        },
      },
      async (request, reply) => {
        const { at, refund, reason } = request.body;
        const { id } = request.params;
        if (request.query.preview === 'true') return answerPreviewed(reply, await previewCancel(ctx, id, at));
        const input = { at, refund, reason: reason ?? null, actor: actorOf(request) };
        return await answerChanged(ctx, reply, await cancelSubscription(ctx, id, input));
      },
    );
    app.delete(
      '/v1/subscriptions/:id/cancel',
      {
        schema: {
          ...common,
          summary: 'Take back a cancellation at the end of the period',
          response: { 200: subscriptionSchema },
        },
      },
      async (request, reply) => {
        return await answerChanged(ctx, reply, await keepSubscription(ctx, request.params.id, actorOf(request)));
      },
    );
    app.post(
      '/v1/subscriptions/:id/pause',
      {
        schema: {
          ...common,
          summary: 'Pause now or at the end of the period: nothing is attempted until it is resumed',
          body: pauseBody,
          response: answered,
        },
      },
      async (request, reply) => {
        const { at, until, on_resume, cycles, reason } = request.body ?? {};
        const input = {
          at: at ?? 'now',
          until: until === undefined ? null : Temporal.PlainDate.from(until),
          onResume: on_resume ?? 'charge',
          cycles: cycles ?? 'skip',
          reason: reason ?? null,
          actor: actorOf(request),
        };
        return await answerChanged(ctx, reply, await pauseSubscription(ctx, request.params.id, input));
      },
    );
    app.post(
      '/v1/subscriptions/:id/grace',
      {
        schema: {
          ...common,
          summary: 'Let its customer in until then, whatever is owed',
          body: graceBody,
          response: { 200: subscriptionSchema },
        },
      },
      async (request, reply) => {
        const { until, reason } = request.body;
        const input = { until: momentOf(until), reason, actor: actorOf(request) };
        return await answerChanged(ctx, reply, await grantGrace(ctx, request.params.id, input));
      },
    );
    app.post(
      '/v1/subscriptions/:id/resume',
      {
        schema: {
          ...common,
          summary:
            'Resume a paused subscription, whose running period is charged at once if it was never paid; or take back a pause that has not begun',
          body: resumeBody,
          response: { 200: subscriptionSchema },
        },
      },
      async (request, reply) => {
        const input = { onResume: request.body?.on_resume, actor: actorOf(request) };
        return await answerChanged(ctx, reply, await resumeSubscription(ctx, request.params.id, input));
      },
    );
  };
}
