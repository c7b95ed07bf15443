import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { logRange } from '../../../../flows/views/log/charge-log.ts';
import { activityPage } from '../../../../flows/views/pages/activity-page.ts';
import { filterText, momentText } from '../../api/texts.ts';
import { FieldFaults } from '../../validation.ts';
import { orFirstPage, paceOf } from '../frame/asked.ts';
import { withoutEmpty } from '../frame/form.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { type ActivityQuery, activityAt, activityDocument, partOf, without } from './activity-page.ts';

const day = momentText.optional();
const asked = z.strictObject({
  who: filterText,
  what: filterText,
  from: day,
  to: day,
  after: z.string().max(1_000).optional(),
  before: z.string().max(1_000).optional(),
  count: z.literal('all').optional(),
});
const schema = { hide: true, querystring: z.preprocess(withoutEmpty, asked) };

type Asking = FastifyRequest<{ Querystring: ActivityQuery }>;

/** Who did what at the pages, read in one snapshot by two statements. */
export function activityPages(app: FastifyInstance, ctx: Context, pages: Pages, house: () => Promise<House>): void {
  const send = inFrame(house, '/activity');
  app.get('/activity', { schema }, async (request: Asking, reply) => {
    const { query } = request;
    const range = logRange(ctx, query.from, query.to);
    if ('faults' in range) throw new FieldFaults(range.faults);
    const filter = { ...range, who: query.who, kind: query.what };
    const activity = await orFirstPage(() =>
      pages.look((db) => activityPage({ db }, filter, partOf(query)), paceOf(query)),
    );
    if (activity === null) return reply.redirect(activityAt(without(query)), 303);
    const zone = ctx.catalog.current.defaults.timeZone;
    return await send(reply, activityDocument({ activity, query, zone }), await ctx.clock.now());
  });
}
