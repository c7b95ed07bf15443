import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { listOwedNotices } from '../../../../flows/edits/owed-notices.ts';
import { recordNotice } from '../../../../flows/subscriptions/notices/record-notice.ts';
import { actorOf } from '../../guard/access.ts';
import { nameSubscriptions } from '../../named-subscriptions.ts';
import { count, currency, id, instant, maybeText, money, oneOf, pageOf, text, told } from '../fields.ts';
import { paging, subscriptionParams } from '../schemas.ts';
import { answerNothing } from '../subscription-answers.ts';
import { plainText } from '../texts.ts';

const KINDS = ['price_change'] as const;
const SUBJECT = 'The catalog version whose price they were told, which is the one in force';
const CHANNEL = 'By what it was sent';
const EVIDENCE = 'Where you have kept what was sent, for whoever has to show it; it stands in the ledger, so no names';
const AN_INSTANT = 'must be an instant with its offset, such as 2026-02-03T02:00:00Z';
const SENT = 'When it was sent; the days until the higher price is charged count from then';

const body = z.strictObject({
  kind: told(z.enum(KINDS, { error: 'must be price_change' }), 'What it is about', 'price_change'),
  subject: told(plainText(20), SUBJECT, '4'),
  sent_at: told(z.iso.datetime({ offset: true, error: AN_INSTANT }).max(40, AN_INSTANT), SENT, '2026-02-03T02:00:00Z'),
  channel: told(plainText(100), CHANNEL, 'email'),
  evidence: told(plainText(500), EVIDENCE, 'mailing 4711').optional(),
});

const noticeSchema = z
  .object({
    kind: oneOf(KINDS, 'What it is about'),
    subject: text(SUBJECT, '4'),
    sent_at: instant(SENT),
    channel: text(CHANNEL, 'email'),
    evidence: maybeText(EVIDENCE, 'mailing 4711'),
    recorded_at: instant('When it was written down'),
    actor: text('Who wrote it down', 'api:product:shop'),
  })
  .meta({ id: 'Notice', description: 'That a customer was told of something, once for each cause' });

const owedSchema = z
  .object({
    kind: oneOf(KINDS, 'What it is about'),
    subject: text(SUBJECT, '4'),
    subscription: id("dueday's id of the subscription"),
    reference_id: text('Your reference of it', 'sub-1001'),
    customer: maybeText('Your reference of its customer', 'cust-1001'),
    plan: text('Its plan, by its name in the catalog', 'pro-monthly'),
    before_days: count('Days between the notice and the first charge at the higher price', 14),
    consent: oneOf(['notice', 'opt_in'], 'Whether a notice is enough, or they have to agree as well'),
    amount_before: money('What a cycle costs until they were told'),
    amount_after: money('What it costs after these days'),
    currency: currency(),
  })
  .meta({ id: 'OwedNotice', description: 'A customer who is to be told of a higher price, which waits for that' });

/** What customers were told, and are still to be told. */
export function noticeRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    nameSubscriptions(app, ctx);
    app.post(
      '/v1/subscriptions/:id/notices',
      {
        schema: {
          tags: ['subscriptions'],
          summary: 'Write down that the customer was told of a higher price',
          params: subscriptionParams,
          body,
          response: { 201: noticeSchema },
        },
      },
      async (request, reply) => {
        const { sent_at, evidence = null, ...rest } = request.body;
        const input = { ...rest, evidence, sentAt: Temporal.Instant.from(sent_at), actor: actorOf(request) };
        const recorded = await recordNotice(ctx, request.params.id, input);
        if (recorded.kind !== 'recorded') return answerNothing(reply, recorded);
        const { kind, subject, sentAt, channel, evidence: kept, recordedAt, actor } = recorded.notice;
        const at = { sent_at: sentAt.toString(), recorded_at: recordedAt.toString() };
        return reply.code(201).send({ kind, subject, channel, evidence: kept, actor, ...at });
      },
    );
    app.get(
      '/v1/notices',
      {
        schema: {
          tags: ['subscriptions'],
          summary: 'Whose customers are to be told of a higher price, which waits for that; a page may be short',
          querystring: z.strictObject({
            owed: told(z.literal('true', { error: 'must be true' }), 'Those that are owed', 'true'),
            ...paging,
          }),
          response: { 200: pageOf(owedSchema) },
        },
      },
      async ({ query }) => await listOwedNotices(ctx, query.cursor ?? null, query.limit),
    );
  };
}
