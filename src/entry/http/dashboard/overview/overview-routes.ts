import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import type { Role } from '../../../../flows/access/keys.ts';
import { queue } from '../../../../flows/queue/queue.ts';
import { channelRates } from '../../../../flows/views/pages/overview/channel-rates.ts';
import { type ComingRetries, comingRetries } from '../../../../flows/views/pages/overview/coming-days.ts';
import { lastDays } from '../../../../flows/views/pages/overview/last-days.ts';
import { secondCount, todayOf } from '../../../../flows/views/pages/overview/today.ts';
import { mayOpen } from '../../calls.ts';
import type { KeptForecast } from '../../kept-forecast.ts';
import type { Page } from '../frame/frame.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { visitorOf } from '../frame/visitors.ts';
import { channelsCard } from './channels-card.ts';
import { daysCard } from './days-card.ts';
import { keptPart } from './kept-part.ts';
import { type Overview, type OverviewPart, overviewDocument, overviewParts, partDocument } from './overview-page.ts';

const shown = { hide: true, querystring: z.strictObject({ part: z.enum(overviewParts).optional() }) };

type Read = Pick<Overview, 'today' | 'queue' | 'second' | 'days' | 'channels'> & { readonly planned: ComingRetries };
type Asking = FastifyRequest<{ Querystring: { part?: OverviewPart } }>;

type Doors = {
  readonly ctx: Context;
  readonly pages: Pages;
  readonly house: () => Promise<House>;
  readonly kept: KeptForecast;
};

/** How today goes, and whether somebody has to do anything. */
export function overviewPages(app: FastifyInstance, { ctx, pages, house, kept }: Doors): void {
  const days = keptPart(ctx, pages, lastDays);
  const channels = keptPart(ctx, pages, channelRates);
  const send = inFrame(house, '/');

  app.get('/', { schema: shown }, async (request: Asking, reply) => {
    const now = await ctx.clock.now();
    const { part } = request.query;
    return await send(
      reply,
      part === undefined ? await whole(now, visitorOf(request).session.role) : await alone(part, now),
      now,
    );
  });

  async function whole(now: Temporal.Instant, role: Role): Promise<Page> {
    const zone = ctx.catalog.current.defaults.timeZone;
    const made = await kept();
    const { standing } = await house();
    const read = await readUntilLate(now);
    const coming = mayOpen(role, '/reports/forecast') ? { made, planned: read.planned, zone } : null;
    const shownNow = { ...read, coming, charging: standing.charging };
    return overviewDocument(shownNow, { now, zone, allowed: ctx.requestsPerMinute });
  }

  /** In one look, what matters most first: what is not read when its time is over is left out. */
  async function readUntilLate(now: Temporal.Instant): Promise<Read> {
    let first: Pick<Read, 'today' | 'queue' | 'planned'> | null = null;
    const slow: { -readonly [part in OverviewPart | 'second']: Read[part] } = {
      second: null,
      days: null,
      channels: null,
    };
    try {
      await pages.look(async (db) => {
        const reading = { ...ctx, db };
        first = {
          today: await todayOf(reading, now),
          queue: await queue(reading, now),
          planned: await comingRetries(reading, now),
        };
        slow.days = await days.within(reading, now);
        slow.channels = await channels.within(reading, now);
        slow.second = await secondCount(reading, now);
      });
    } catch (error) {
      if (!isLate(error) || first === null) throw error;
    }
    if (first === null) throw new Error('The look ended well, and read nothing.');
    return { ...(first as Pick<Read, 'today' | 'queue' | 'planned'>), ...slow };
  }

  async function alone(part: OverviewPart, now: Temporal.Instant): Promise<Page> {
    const zone = ctx.catalog.current.defaults.timeZone;
    const card =
      part === 'days' ? daysCard(await days.alone(now), zone) : channelsCard(await channels.alone(now), zone);
    return partDocument(card, now.toZonedDateTimeISO(zone).toPlainDate());
  }
}

function isLate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'DEADLINE' || error.code === '57014');
}
