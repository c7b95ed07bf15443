import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pace, Pages } from '../../../../context.ts';
import { chargeLog, countChargeLog, type LogAsked } from '../../../../flows/views/log/charge-log.ts';
import { logFileColumns } from '../../../../flows/views/log/file-columns.ts';
import { entryPage, logList } from '../../../../flows/views/pages/log-list.ts';
import type { Exports } from '../../guard/exports.ts';
import { sendFile } from '../../lists/file.ts';
import { logAsked } from '../../lists/log-filters.ts';
import type { FieldFault } from '../../validation.ts';
import { faultsOf, orFirstPage, paceOf, typedIn } from '../frame/asked.ts';
import { noSuchThing } from '../frame/errors.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { isId } from '../frame/is-id.ts';
import { entryDocument } from './entry-document.ts';
import { faultyLogDocument, logDocument } from './log-page.ts';
import { daysAsked, type LogQuery, logAt, logQuery, partOf, without } from './log-query.ts';

const listed = { hide: true, querystring: logQuery };
const one = {
  hide: true,
  params: z.object({ subscription: z.string().max(100), seq: z.string().regex(/^\d{1,9}$/) }),
};

type Listing = FastifyRequest<{ Querystring: LogQuery }>;
type One = FastifyRequest<{ Params: { subscription: string; seq: string } }>;

/** The charge log, and one entry of it. Each page is read in one snapshot. */
export function logPages(
  app: FastifyInstance,
  ctx: Context,
  pages: Pages,
  exported: Exports,
  house: () => Promise<House>,
): void {
  const read = <T>(work: (reading: Context) => Promise<T>, pace?: Pace) =>
    pages.look((db) => work({ ...ctx, db }), pace);
  const send = inFrame(house, '/log');

  app.get('/log', { schema: listed, attachValidation: true }, async (request: Listing, reply) => {
    const faults = faultsOf(request);
    if (faults !== null) return await refuse(request, reply, faults);
    const { query } = request;
    const { now, today, zone, plans } = await around();
    const days = daysAsked(query, today);
    const said = { ...query, from: days.from?.toString(), to: days.to?.toString() };
    const asked = logAsked(ctx, said);
    if ('faults' in asked) return await refuse(request, reply, asked.faults);
    if (query.format !== undefined) return await sendLog(reply, said, query.format, asked);
    const list = await orFirstPage(() => read((reading) => logList(reading, asked, partOf(query)), paceOf(query)));
    if (list === null) return reply.redirect(logAt(without(query)), 303);
    return await send(reply, logDocument({ list, query, days, today, zone, plans }), now);
  });

  app.get('/log/:subscription/:seq', { schema: one }, async (request: One, reply) => {
    const { subscription, seq } = request.params;
    const { now, zone } = await around();
    const entry = isId(subscription) ? await read((reading) => entryPage(reading, subscription, Number(seq))) : null;
    if (entry === null) return noSuchThing(reply, 'entry', `${subscription}/${seq}`);
    return await send(reply, entryDocument(entry, zone), now);
  });

  async function around() {
    const now = await ctx.clock.now();
    const { defaults, plans } = ctx.catalog.current;
    const zone = defaults.timeZone;
    return { now, zone, today: now.toZonedDateTimeISO(zone).toPlainDate(), plans: [...plans.keys()].toSorted() };
  }

  async function refuse(request: Listing, reply: FastifyReply, faults: readonly FieldFault[]): Promise<FastifyReply> {
    const { now, today, plans } = await around();
    const page = faultyLogDocument(typedIn(request), faults, today, plans);
    return await send(reply.code(400), page, now);
  }

  async function sendLog(
    reply: FastifyReply,
    query: LogQuery,
    format: 'csv' | 'xlsx',
    asked: LogAsked,
  ): Promise<FastifyReply> {
    return await sendFile(ctx, exported, reply, {
      format,
      name: 'charge-log',
      query: without(query, 'all_time'),
      columns: logFileColumns(ctx.catalog.current.defaults.timeZone),
      batches: chargeLog(ctx, asked),
      count: (most) => countChargeLog(ctx, asked, most),
    });
  }
}
