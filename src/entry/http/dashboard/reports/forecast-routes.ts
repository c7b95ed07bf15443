import type { FastifyInstance } from 'fastify';
import type { Context } from '../../../../context.ts';
import { keptForecast } from '../../kept-forecast.ts';
import { frame } from '../frame/frame.ts';
import type { House } from '../frame/house.ts';
import { sendPage } from '../frame/send.ts';
import { visitorOf } from '../frame/visitors.ts';
import { forecastDocument } from './forecast-page.ts';

const MONTHS = 12;

/** What is to come in, month by month: made beside the pages, and shown with the moment that it was made as of. */
export function forecastPages(app: FastifyInstance, ctx: Context, house: () => Promise<House>): void {
  const kept = keptForecast(ctx, { months: MONTHS, by: 'month' });
  app.get('/reports/forecast', { schema: { hide: true } }, async (request, reply) => {
    const made = await kept();
    const now = await ctx.clock.now();
    const { session } = visitorOf(request);
    const place = { house: await house(), session, address: request.url, now, here: '/reports/forecast' };
    return sendPage(reply, 200, frame(forecastDocument(made, ctx.catalog.current.defaults.timeZone), place));
  });
}
