import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { currencies, majorNumber } from '../../../../domain/money/money.ts';
import { payOutside } from '../../../../flows/paying/pay-outside.ts';
import { wholeChargeView } from '../../../../flows/views/charge-view.ts';
import { actorOf } from '../../guard/access.ts';
import { nameSubscriptions } from '../../named-subscriptions.ts';
import { wholeChargeSchema } from '../charge-schema.ts';
import { money, told } from '../fields.ts';
import { subscriptionParams } from '../schemas.ts';
import { answerNothing } from '../subscription-answers.ts';
import { dateText, plainText, reasonText } from '../texts.ts';

const MOST_AMOUNT = 999_999_999_999;
const EVIDENCE = 'Where you keep it that the money came in, each piece once; it stands in the ledger, so no names';

const body = z.strictObject({
  amount: told(z.number().positive('must be more than 0').max(MOST_AMOUNT), 'What came in, in major units', 150_000),
  currency: told(z.enum(currencies), 'The currency of the subscription', 'IDR'),
  received_on: told(dateText, 'The day on which it came in, not after today', '2026-02-03'),
  evidence: told(plainText(500), EVIDENCE, 'bank statement 2026-02, line 17'),
  reason: reasonText,
  charge_id: told(
    z.uuid('must be the id that the API gave'),
    'The charge that it is for; left out: the oldest that is open',
    '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17',
  ).optional(),
});

const answer = z
  .object({
    charges: told(z.array(wholeChargeSchema), 'The charges that are paid with it, oldest first', []),
    credited: money('What of it is credit, which the next charge uses', 0),
  })
  .meta({ id: 'OutsidePayment', description: 'What money that came in elsewhere has paid' });

/** Money that came in elsewhere: by bank transfer, in cash. */
export function paymentRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    nameSubscriptions(app, ctx);
    app.post(
      '/v1/subscriptions/:id/payments',
      {
        schema: {
          tags: ['subscriptions'],
          summary:
            'Write down that money came in elsewhere: it pays the oldest open charges that it covers, the rest is credit',
          params: subscriptionParams,
          body,
          response: { 201: answer },
        },
      },
      async (request, reply) => {
        const { received_on, charge_id, ...said } = request.body;
        const receivedOn = Temporal.PlainDate.from(received_on);
        const input = { ...said, receivedOn, chargeId: charge_id ?? null, actor: actorOf(request) };
        const paid = await payOutside(ctx, request.params.id, input);
        if (paid.kind !== 'recorded') return answerNothing(reply, paid);
        const charges = await Promise.all(paid.charges.map((dossier) => wholeChargeView(ctx, dossier)));
        const { credited, currency } = paid.payment;
        const left = credited > 0n ? credited : 0n;
        return reply.code(201).send({ charges, credited: majorNumber({ minor: left, currency }) });
      },
    );
  };
}
