import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pace, Pages } from '../../../../context.ts';
import { chargeColumns } from '../../../../flows/views/lists/charge-columns.ts';
import { chargeLines } from '../../../../flows/views/lists/charge-lines.ts';
import { type ChargesAsked, countCharges, isTooLongToSort } from '../../../../flows/views/lists/charge-question.ts';
import { find } from '../../../../flows/views/lists/find.ts';
import { chargeList } from '../../../../flows/views/pages/charge-list.ts';
import { chargePage } from '../../../../flows/views/pages/charge-page.ts';
import { storable } from '../../api/texts.ts';
import type { Exports } from '../../guard/exports.ts';
import { chargesAsked } from '../../lists/charge-filters.ts';
import { sendFile } from '../../lists/file.ts';
import { html } from '../../pages/html.ts';
import type { FieldFault } from '../../validation.ts';
import { actLinks } from '../acts/act-links.ts';
import { CHARGES } from '../acts/charge-things.ts';
import { OWED_CHARGES } from '../acts/payment-things.ts';
import { PAID_CHARGES } from '../acts/refund-things.ts';
import { faultsOf, orFirstPage, paceOf, typedIn } from '../frame/asked.ts';
import { noSuchThing } from '../frame/errors.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { isId } from '../frame/is-id.ts';
import { visitorOf } from '../frame/visitors.ts';
import { subscriptionsAt } from '../subscriptions/subscription-query.ts';
import { chargeListDocument, faultyListDocument } from './charge-list-page.ts';
import { chargeDocument } from './charge-page.ts';
import { type ChargeQuery, chargeQuery, linkTo, partOf, rangeOf, without, withRange } from './charge-query.ts';

const listed = { hide: true, querystring: chargeQuery };
const one = {
  hide: true,
  params: z.object({ id: z.string().max(100) }),
  querystring: z.strictObject({ order: z.literal('newest').optional() }),
};
const searched = { hide: true, querystring: z.strictObject({ q: storable.max(255) }) };

type Listing = FastifyRequest<{ Querystring: ChargeQuery }>;
type One = FastifyRequest<{ Params: { id: string }; Querystring: { order?: 'newest' } }>;
type Finding = FastifyRequest<{ Querystring: { q: string } }>;

/** Charges, one charge, and the way to one from whatever somebody holds. Each page is read in one snapshot. */
export function chargePages(
  app: FastifyInstance,
  ctx: Context,
  pages: Pages,
  exported: Exports,
  house: () => Promise<House>,
): void {
  const read = <T>(work: (reading: Context) => Promise<T>, pace?: Pace) =>
    pages.look((db) => work({ ...ctx, db }), pace);
  const send = inFrame(house, '/charges');

  app.get('/charges', { schema: listed, attachValidation: true }, async (request: Listing, reply) => {
    const faults = faultsOf(request);
    if (faults !== null) return await refuse(request, reply, faults);
    const now = await ctx.clock.now();
    const { defaults, plans } = ctx.catalog.current;
    const today = now.toZonedDateTimeISO(defaults.timeZone).toPlainDate();
    const range = rangeOf(request.query, today);
    const query = withRange(request.query, range);
    const asked = chargesAsked(ctx, query);
    if ('faults' in asked) return await refuse(request, reply, asked.faults);
    if (query.format !== undefined) return await sendList(reply, query, query.format, asked);
    const list = await orFirstPage(() =>
      read((reading) => chargeList(reading, asked, partOf(query), now), paceOf(query)),
    );
    if (list === null) return reply.redirect(linkTo(without(request.query)), 303);
    const [only] = list.rows;
    if (query.find !== undefined && list.count === 1 && only !== undefined)
      return reply.redirect(`/charges/${only.charge.id}`, 303);
    const shown = {
      list,
      query: request.query,
      range,
      today,
      zone: defaults.timeZone,
      plans: [...plans.keys()].toSorted(),
      csrf: reply.generateCsrf(),
    };
    return await send(reply, chargeListDocument(shown), now);
  });

  async function refuse(request: Listing, reply: FastifyReply, faults: readonly FieldFault[]): Promise<FastifyReply> {
    const now = await ctx.clock.now();
    const { defaults, plans } = ctx.catalog.current;
    const today = now.toZonedDateTimeISO(defaults.timeZone).toPlainDate();
    const page = faultyListDocument(typedIn(request), faults, today, [...plans.keys()].toSorted());
    return await send(reply.code(400), page, now);
  }

  async function sendList(
    reply: FastifyReply,
    query: ChargeQuery,
    format: 'csv' | 'xlsx',
    asked: ChargesAsked,
  ): Promise<FastifyReply> {
    // The page of the list says so, and what can be done.
    if (await isTooLongToSort(ctx, asked)) return reply.redirect(linkTo(without(query)), 303);
    return await sendFile(ctx, exported, reply, {
      format,
      name: 'charges',
      query: without(query, 'all_time'),
      columns: chargeColumns(ctx.catalog.current.defaults.timeZone),
      batches: chargeLines(ctx, asked),
      count: (most) => countCharges(ctx, asked, most),
    });
  }

  app.get('/charges/:id', { schema: one }, async (request: One, reply) => {
    const { id } = request.params;
    const now = await ctx.clock.now();
    const [shown, [subject], [paid]] = isId(id)
      ? await read((reading) =>
          Promise.all([chargePage(reading, id, now), CHARGES.load(reading, [id]), PAID_CHARGES.load(reading, [id])]),
        )
      : [null, [], []];
    if (shown === null || subject === undefined) return noSuchThing(reply, 'charge', id);
    const { session } = visitorOf(request);
    const { customerUrl } = ctx.catalog.current.defaults;
    const newestFirst = request.query.order === 'newest';
    const look = { now, newestFirst, mayReadLog: session.role !== 'product', customerUrl };
    const page = chargeDocument(shown, look);
    const givesBack = paid === undefined ? '' : actLinks(PAID_CHARGES, paid, session, subject.path);
    const marked = actLinks(OWED_CHARGES, subject, session, subject.path);
    const acts = html`${actLinks(CHARGES, subject, session, subject.path)}${marked}${givesBack}`;
    return await send(reply, { ...page, acts }, now);
  });

  app.get('/find', { schema: searched }, async (request: Finding, reply) => {
    const { q } = request.query;
    const { charges, subscriptions } = await read((reading) => find(reading, q));
    const [charge, subscription] = [charges[0], subscriptions[0]];
    if (charge !== undefined) return reply.redirect(`/charges/${charge}`, 303);
    if (subscription === undefined) return noSuchThing(reply, 'thing', q);
    // Of several, one may be named itself and others by their customer: the list finds them by the same words.
    return reply.redirect(
      subscriptions.length === 1 ? `/subscriptions/${subscription}` : subscriptionsAt({ find: q.trim() }),
      303,
    );
  });
}
