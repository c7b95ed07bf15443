import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { parseLinkLife } from '../../../domain/catalog/link-life.ts';
import { savings } from '../../../domain/methods/saving.ts';
import type { Offered } from '../../../flows/paying/offer.ts';
import { offerSession } from '../../../flows/paying/offer-session.ts';
import { openPayLink } from '../../../flows/paying/pay-link.ts';
import { chargeIdOf } from '../../../flows/views/named.ts';
import { actorOf } from '../guard/access.ts';
import { problem } from '../problem.ts';
import { placeOf } from './create-input.ts';
import { instant, text, told } from './fields.ts';
import { chargeParams } from './schemas.ts';
import { checkOrigins, linkLife, origins } from './texts.ts';

const body = z
  .strictObject({
    expires_in: told(
      linkLife,
      'How long it is good, at least 10 minutes; left out: 30 days, or 30 minutes in COMPONENTS',
      '7 days',
    ).optional(),
    save: told(
      z.enum(savings),
      'Whether the method that is paid with is kept for the cycles to come: FORCED, as the customer wishes, or not',
      'OPTIONAL',
    ).default('OPTIONAL'),
    mode: told(
      z.enum(['PAYMENT_LINK', 'COMPONENTS']),
      'An address to send to the customer, or a session for a page of your own',
      'PAYMENT_LINK',
    ).default('PAYMENT_LINK'),
    origins: origins.optional(),
  })
  .superRefine(checkOrigins)
  .nullish();

const linkSchema = z
  .object({
    url: text(
      'What to send to the customer: it shows what is owed, and a button to pay it',
      'https://billing.example.com/pay/AZwvQx',
    ),
    expires_at: instant('When it ends'),
  })
  .meta({ id: 'PayLink', description: 'An address of our own at which a charge can be paid by hand' });
const componentsSchema = z
  .object({
    session_id: text("Xendit's id of the session", 'ps-661f87c614802d6c402cd82d'),
    components_sdk_key: text(
      'What opens the session on your page; told once, and kept nowhere',
      'session-661f87c614802d6c402cd82d',
    ),
    expires_at: instant('When the session ends'),
  })
  .meta({ id: 'PaySession', description: "A session at Xendit, for a page of the product's own" });

/** So long a session on a page of the product's own is open: the customer stands before it. */
const SESSION_MINUTES = 30;

/** A charge that could not be collected is paid by its customer's own hand. */
export function payLinkRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/v1/charges/:id/pay-link',
      {
        schema: {
          tags: ['charges'],
          summary: 'A link at which the customer pays a charge by hand; the same while one is good',
          params: chargeParams,
          body,
          response: { 200: linkSchema, 201: z.union([linkSchema, componentsSchema]) },
        },
      },
      async (request, reply) => {
        const id = await chargeIdOf(ctx, request.params.id);
        if (id === null) return problem(reply, 404, 'There is no charge with this reference.');
        const { save: saves = 'OPTIONAL', expires_in: life, ...named } = request.body ?? {};
        const place = placeOf(named);
        const minutes = life === undefined ? null : minutesOf(life);
        const actor = actorOf(request);
        if (place.mode === 'COMPONENTS') {
          const offer = { ...place, saves, minutes: minutes ?? SESSION_MINUTES, actor };
          return await answerOffered(reply, await offerSession(ctx, id, offer));
        }
        const opened = await openPayLink(ctx, id, { linkMinutes: minutes, saves, actor });
        if (opened.kind === 'not_found') return problem(reply, 404, 'There is no charge with this id.');
        if (opened.kind === 'refused') return problem(reply, 409, opened.detail);
        const { url, expiresAt } = opened;
        return reply.code(opened.kind === 'same' ? 200 : 201).send({ url, expires_at: expiresAt.toString() });
      },
    );
  };
}

function minutesOf(life: string): number | null {
  const minutes = parseLinkLife(life);
  return typeof minutes === 'number' ? minutes : null;
}

function answerOffered(reply: FastifyReply, offered: Offered): FastifyReply {
  switch (offered.kind) {
    case 'open': {
      const { sessionId, expiresAt } = offered.session;
      const key = { session_id: sessionId, components_sdk_key: offered.sdkKey ?? '' };
      return reply.code(201).send({ ...key, expires_at: expiresAt?.toString() ?? '' });
    }
    case 'not_found':
      return problem(reply, 404, 'There is no charge with this id.');
    case 'over':
    case 'now':
      return problem(reply, 409, `The charge cannot be paid by hand: ${offered.why}.`);
    case 'unavailable':
      return problem(
        reply.header('retry-after', String(offered.retryAfterSeconds ?? 5)),
        503,
        `${offered.why}: send it again.`,
      );
  }
}
