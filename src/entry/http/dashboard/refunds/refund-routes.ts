import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { refundColumns } from '../../../../flows/views/lists/refund-columns.ts';
import { countRefunds, refundLines, refundList, showRefundLine } from '../../../../flows/views/pages/refund-list.ts';
import type { Exports } from '../../guard/exports.ts';
import { sendFile } from '../../lists/file.ts';
import { FieldFaults } from '../../validation.ts';
import { actLinks } from '../acts/act-links.ts';
import type { Acting } from '../acts/act-routes.ts';
import { REFUNDS } from '../acts/refund-things.ts';
import { orFirstPage } from '../frame/asked.ts';
import { noSuchThing } from '../frame/errors.ts';
import { inFrame } from '../frame/in-frame.ts';
import { isId } from '../frame/is-id.ts';
import { visitorOf } from '../frame/visitors.ts';
import { refundListDocument } from './refund-list-page.ts';
import { refundDocument } from './refund-page.ts';
import { filterOf, type RefundQuery, refundQuery, refundsAt, without } from './refund-query.ts';

const listed = { hide: true, querystring: refundQuery };
const one = { hide: true, params: z.object({ id: z.string().max(100) }), querystring: z.strictObject({}) };

type Listing = FastifyRequest<{ Querystring: RefundQuery }>;
type One = FastifyRequest<{ Params: { id: string } }>;

/** What was given back, or is to be: the list with its files, and one refund. Each page is read in one snapshot. */
export function refundPages(app: FastifyInstance, { ctx, pages, house }: Acting, exported: Exports): void {
  const read = <T>(work: (reading: Context) => Promise<T>) => pages.look((db) => work({ ...ctx, db }));
  const send = inFrame(house, '/refunds');
  const zone = () => ctx.catalog.current.defaults.timeZone;

  app.get('/refunds', { schema: listed }, async (request: Listing, reply) => {
    const { query } = request;
    const filter = filterOf(ctx, query);
    if ('faults' in filter) throw new FieldFaults(filter.faults);
    if (query.format !== undefined)
      return await sendFile(ctx, exported, reply, {
        format: query.format,
        name: 'refunds',
        query: without(query),
        columns: refundColumns(zone()),
        batches: refundLines(ctx, filter),
        count: () => countRefunds(ctx, filter),
      });
    const list = await orFirstPage(() => read((reading) => refundList(reading, filter, query.after ?? null)));
    if (list === null) return reply.redirect(refundsAt(without(query)), 303);
    return await send(reply, refundListDocument({ list, query, zone: zone() }), await ctx.clock.now());
  });

  app.get('/refunds/:id', { schema: one }, async (request: One, reply) => {
    const { id } = request.params;
    const [line, [subject]] = isId(id)
      ? await read((reading) => Promise.all([showRefundLine(reading, id), REFUNDS.load(reading, [id])]))
      : [null, []];
    if (line === null || subject === undefined) return noSuchThing(reply, 'refund', id);
    const acts = actLinks(REFUNDS, subject, visitorOf(request).session, subject.path);
    return await send(reply, { ...refundDocument(line, zone()), acts }, await ctx.clock.now());
  });
}
