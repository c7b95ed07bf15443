import type { FastifyInstance } from 'fastify';
import type { Context } from '../../../../context.ts';
import { keptForecast } from '../../kept-forecast.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { forecastDocument } from './forecast-page.ts';

const MONTHS = 12;

/** What is to come in, month by month: made beside the pages, and shown with the moment that it was made as of. */
export function forecastPages(app: FastifyInstance, ctx: Context, house: () => Promise<House>): void {
  const kept = keptForecast(ctx, { months: MONTHS, by: 'month' });
  const send = inFrame(house, '/reports/forecast');
  app.get('/reports/forecast', { schema: { hide: true } }, async (_request, reply) => {
    const made = await kept();
    const now = await ctx.clock.now();
    return await send(reply, forecastDocument(made, ctx.catalog.current.defaults.timeZone), now);
  });
}
