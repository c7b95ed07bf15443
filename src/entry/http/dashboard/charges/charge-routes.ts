import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { CursorFault } from '../../../../flows/views/cursor.ts';
import { find } from '../../../../flows/views/lists/find.ts';
import { type ChargeList, chargeList } from '../../../../flows/views/pages/charge-list.ts';
import { chargePage } from '../../../../flows/views/pages/charge-page.ts';
import { actLinks } from '../acts/act-links.ts';
import { CHARGES } from '../acts/charge-things.ts';
import { noSuchThing } from '../frame/errors.ts';
import { frame, type Page } from '../frame/frame.ts';
import type { House } from '../frame/house.ts';
import { isId } from '../frame/is-id.ts';
import { sendPage } from '../frame/send.ts';
import { visitorOf } from '../frame/visitors.ts';
import { chargeListDocument } from './charge-list-page.ts';
import { chargeDocument } from './charge-page.ts';
import { askedOf, type ChargeQuery, chargeQuery, linkTo, rangeOf } from './charge-query.ts';

const listed = { hide: true, querystring: chargeQuery };
const one = {
  hide: true,
  params: z.object({ id: z.string().max(100) }),
  querystring: z.strictObject({ order: z.literal('newest').optional() }),
};
const searched = { hide: true, querystring: z.strictObject({ q: z.string().max(255) }) };

type Listing = FastifyRequest<{ Querystring: ChargeQuery }>;
type One = FastifyRequest<{ Params: { id: string }; Querystring: { order?: 'newest' } }>;
type Finding = FastifyRequest<{ Querystring: { q: string } }>;

/** Charges, one charge, and the way to one from whatever somebody holds. Each page is read in one snapshot. */
export function chargePages(app: FastifyInstance, ctx: Context, pages: Pages, house: () => Promise<House>): void {
  const read = <T>(work: (reading: Context) => Promise<T>) => pages.look((db) => work({ ...ctx, db }));

  app.get('/charges', { schema: listed }, async (request: Listing, reply) => {
    const { query } = request;
    const now = await ctx.clock.now();
    const zone = ctx.catalog.current.defaults.timeZone;
    const today = now.toZonedDateTimeISO(zone).toPlainDate();
    const range = rangeOf(query, today);
    const list = await listOr(() => read((reading) => chargeList(reading, askedOf(query, range), now)));
    if (list === null) return reply.redirect(linkTo({ ...query, after: undefined, before: undefined }), 303);
    return await send(request, reply, chargeListDocument({ list, query, range, today, zone }), now);
  });

  app.get('/charges/:id', { schema: one }, async (request: One, reply) => {
    const { id } = request.params;
    const now = await ctx.clock.now();
    const [shown, [subject]] = isId(id)
      ? await read((reading) => Promise.all([chargePage(reading, id), CHARGES.load(reading, [id])]))
      : [null, []];
    if (shown === null || subject === undefined) return noSuchThing(reply, 'charge', id);
    const { zone } = await house();
    const page = chargeDocument(shown, now, zone, request.query.order === 'newest');
    const acts = actLinks(CHARGES, subject, visitorOf(request).session.role, subject.path);
    return await send(request, reply, { ...page, acts }, now);
  });

  app.get('/find', { schema: searched }, async (request: Finding, reply) => {
    const { q } = request.query;
    const { charges, subscriptions } = await read((reading) => find(reading, q));
    const [charge, subscription] = [charges[0], subscriptions[0]];
    if (charge !== undefined) return reply.redirect(`/charges/${charge}`, 303);
    if (subscription === undefined) return noSuchThing(reply, 'thing', q);
    return reply.redirect(
      subscriptions.length === 1 ? `/subscriptions/${subscription}` : linkTo({ customer: q.trim() }),
      303,
    );
  });

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    page: Page,
    now: Temporal.Instant,
  ): Promise<FastifyReply> {
    const { session } = visitorOf(request);
    return sendPage(
      reply,
      200,
      frame(page, { house: await house(), session, address: request.url, now, here: '/charges' }),
    );
  }
}

/** A place that is none of ours leads to the first page. */
async function listOr(list: () => Promise<ChargeList>): Promise<ChargeList | null> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof CursorFault) return null;
    throw error;
  }
}
