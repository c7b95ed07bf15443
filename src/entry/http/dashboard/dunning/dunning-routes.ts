import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { localDate } from '../../../../domain/calendar/cycle.ts';
import { logRange } from '../../../../flows/views/log/charge-log.ts';
import { dunningPage } from '../../../../flows/views/pages/dunning-page.ts';
import { FieldFaults } from '../../validation.ts';
import { rangeOf } from '../charges/charge-query.ts';
import { withoutEmpty } from '../frame/form.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { dunningDocument } from './dunning-page.ts';

const day = z.iso.date('must be a date like 2026-12-31').optional();
const asked = z.strictObject({ from: day, to: day });
const schema = { hide: true, querystring: z.preprocess(withoutEmpty, asked) };

type Asking = FastifyRequest<{ Querystring: z.infer<typeof asked> }>;

/** What retries bring back, of the charges that fell due within some days; read in one snapshot by one statement. */
export function dunningPages(app: FastifyInstance, ctx: Context, pages: Pages, house: () => Promise<House>): void {
  const send = inFrame(house, '/dunning');
  app.get('/dunning', { schema }, async (request: Asking, reply) => {
    const now = await ctx.clock.now();
    const today = localDate(now, ctx.catalog.current.defaults.timeZone);
    const range = rangeOf({ due_from: request.query.from, due_to: request.query.to }, today);
    const bounds = logRange(ctx, range.from?.toString(), range.to?.toString());
    if ('faults' in bounds) throw new FieldFaults(bounds.faults);
    const dunning = await pages.look((db) => dunningPage({ db }, bounds.from, bounds.until), 'long');
    return await send(reply, dunningDocument({ dunning, range, today }), now);
  });
}
