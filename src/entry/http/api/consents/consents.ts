import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { consentAnswers, consentsTo } from '../../../../domain/methods/consent.ts';
import { type Consent, recordConsent } from '../../../../flows/subscriptions/record-consent.ts';
import { actorOf } from '../../guard/access.ts';
import { nameSubscriptions } from '../../named-subscriptions.ts';
import { count, instant, maybeText, oneOf, text, told } from '../fields.ts';
import { subscriptionParams } from '../schemas.ts';
import { answerNothing } from '../subscription-answers.ts';
import { plainText } from '../texts.ts';

const WHAT = 'What was asked: another price, a charge outside of the plan, or saving a method once more';
const EVIDENCE =
  'Where you have kept what the customer did, for whoever has to show it; it stands in the ledger, so no names';

const SUBJECT =
  'Of a price, the catalog version whose price they were asked about, which is the one in force; left out: that one';

const body = z.strictObject({
  what: told(z.enum(consentsTo, { error: 'must be price, extra or save_again' }), WHAT, 'extra'),
  answer: told(z.enum(consentAnswers, { error: 'must be given or refused' }), 'What the customer answered', 'given'),
  subject: told(plainText(20), SUBJECT, '4').optional(),
  evidence: told(plainText(500), EVIDENCE, 'checkout 4711, box "usage", 2026-02-03T02:00:00Z'),
});

const consentSchema = z
  .object({
    number: count('Consents of a subscription count from 1; of one thing the last answer counts', 1),
    what: oneOf(consentsTo, WHAT),
    answer: oneOf(consentAnswers, 'What the customer answered'),
    subject: maybeText('Of a price, the catalog version whose price they answered to', '4'),
    evidence: text(EVIDENCE, 'checkout 4711, box "usage", 2026-02-03T02:00:00Z'),
    answered_at: instant('When it was written down'),
    actor: text('Who wrote it down', 'api:product:shop'),
  })
  .meta({
    id: 'Consent',
    description: 'What a customer answered, beside what they agreed to when they saved a method',
  });

/** What customers have agreed to, beside saving a method. */
export function consentRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    nameSubscriptions(app, ctx);
    app.post(
      '/v1/subscriptions/:id/consents',
      {
        schema: {
          tags: ['subscriptions'],
          summary: 'Write down what the customer agreed to, or refused',
          params: subscriptionParams,
          body,
          response: { 201: consentSchema },
        },
      },
      async (request, reply) => {
        const input = { ...request.body, actor: actorOf(request) };
        const recorded = await recordConsent(ctx, request.params.id, input);
        if (recorded.kind !== 'recorded') return answerNothing(reply, recorded);
        return reply.code(201).send(consentView(recorded.consent));
      },
    );
  };
}

function consentView({ number, what, answer, subject, evidence, answeredAt, actor }: Consent) {
  return { number, what, answer, subject, evidence, answered_at: answeredAt.toString(), actor };
}
