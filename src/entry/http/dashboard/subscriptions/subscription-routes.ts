import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pace, Pages } from '../../../../context.ts';
import {
  countSubscriptions,
  type SubscriptionsAsked,
  subscriptionLines,
} from '../../../../flows/views/list-subscriptions.ts';
import { subscriptionColumns } from '../../../../flows/views/lists/subscription-columns.ts';
import { subscriptionList } from '../../../../flows/views/pages/subscription-list.ts';
import { subscriptionPage } from '../../../../flows/views/pages/subscription-page.ts';
import type { Exports } from '../../guard/exports.ts';
import { sendFile } from '../../lists/file.ts';
import { subscriptionsAsked } from '../../lists/subscription-filters.ts';
import { FieldFaults } from '../../validation.ts';
import { actLinks } from '../acts/act-links.ts';
import { SUBSCRIPTIONS } from '../acts/subscription-things.ts';
import { orFirstPage, paceOf } from '../frame/asked.ts';
import { noSuchThing } from '../frame/errors.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { isId } from '../frame/is-id.ts';
import { visitorOf } from '../frame/visitors.ts';
import { subscriptionListDocument } from './subscription-list-page.ts';
import { subscriptionDocument } from './subscription-page.ts';
import { partOf, type SubscriptionQuery, subscriptionQuery, subscriptionsAt, without } from './subscription-query.ts';

const listed = { hide: true, querystring: subscriptionQuery };
const one = {
  hide: true,
  params: z.object({ id: z.string().max(100) }),
  querystring: z.strictObject({
    year: z
      .string()
      .regex(/^(20|21)\d\d$/, 'must be a year like 2026')
      .optional(),
  }),
};

type Listing = FastifyRequest<{ Querystring: SubscriptionQuery }>;
type One = FastifyRequest<{ Params: { id: string }; Querystring: { year?: string } }>;

/** The list of subscriptions with its files, and one subscription. Each page is read in one snapshot. */
export function subscriptionPages(
  app: FastifyInstance,
  ctx: Context,
  pages: Pages,
  exported: Exports,
  house: () => Promise<House>,
): void {
  const read = <T>(work: (reading: Context) => Promise<T>, pace?: Pace) =>
    pages.look((db) => work({ ...ctx, db }), pace);
  const send = inFrame(house, '/subscriptions');

  app.get('/subscriptions', { schema: listed }, async (request: Listing, reply) => {
    const { query } = request;
    const now = await ctx.clock.now();
    const asked = subscriptionsAsked(ctx, query, now);
    if ('faults' in asked) throw new FieldFaults(asked.faults);
    if (query.format !== undefined) return await sendList(reply, query, query.format, asked);
    const list = await orFirstPage(() =>
      read((reading) => subscriptionList(reading, asked, partOf(query), now), paceOf(query)),
    );
    if (list === null) return reply.redirect(subscriptionsAt(without(query)), 303);
    const { defaults, plans } = ctx.catalog.current;
    const sold = [...plans.keys()].toSorted();
    return await send(reply, subscriptionListDocument({ list, query, plans: sold, zone: defaults.timeZone }), now);
  });

  app.get('/subscriptions/:id', { schema: one }, async (request: One, reply) => {
    const { id } = request.params;
    const now = await ctx.clock.now();
    const { year } = request.query;
    const asked = year === undefined ? null : Number(year);
    const [shown, [subject]] = isId(id)
      ? await read((reading) =>
          Promise.all([subscriptionPage(reading, id, asked, now), SUBSCRIPTIONS.load(reading, [id])]),
        )
      : [null, []];
    if (shown === null || subject === undefined) return noSuchThing(reply, 'subscription', id);
    const { session } = visitorOf(request);
    const acts = actLinks(SUBSCRIPTIONS, subject, session, subject.path);
    const { customerUrl } = ctx.catalog.current.defaults;
    return await send(
      reply,
      { ...subscriptionDocument(shown, { mayAct: session.role !== 'finance', customerUrl }), acts },
      now,
    );
  });

  async function sendList(
    reply: FastifyReply,
    query: SubscriptionQuery,
    format: 'csv' | 'xlsx',
    asked: SubscriptionsAsked,
  ): Promise<FastifyReply> {
    return await sendFile(ctx, exported, reply, {
      format,
      name: 'subscriptions',
      query: without(query),
      columns: subscriptionColumns(ctx.catalog.current.defaults.timeZone),
      batches: subscriptionLines(ctx, asked),
      count: (most) => countSubscriptions(ctx, asked, most),
    });
  }
}
