import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { healthPage } from '../../../../flows/views/pages/health-page.ts';
import { mayOpen } from '../../calls.ts';
import { type Html, html } from '../../pages/html.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { visitorOf } from '../frame/visitors.ts';
import { healthDocument } from './health-page.ts';

const plain = { hide: true, querystring: z.strictObject({}) };

/** Does it run, is it on time, who armed it; and the ways to what may be done about that. */
export function healthPages(app: FastifyInstance, ctx: Context, pages: Pages, house: () => Promise<House>): void {
  const send = inFrame(house, '/health');
  app.get('/health', { schema: plain }, async (request, reply) => {
    const now = await ctx.clock.now();
    const { session } = visitorOf(request);
    const seen = await house();
    const page = healthDocument({
      shown: await pages.look((db) => healthPage({ ...ctx, db }, now)),
      now,
      zone: seen.zone,
      mode: seen.mode,
      allowed: ctx.requestsPerMinute,
      catalogVersion: ctx.catalog.current.version,
      acts: actsFor(session.role, seen),
    });
    return await send(reply, page, now, seen);
  });
}

/** Only what may be done as things stand, by whoever looks. */
function actsFor(role: Parameters<typeof mayOpen>[0], { standing, isTestClock }: House): Html {
  const all = [
    ...(standing.charging === 'on' ? [['/health/stop', 'Stop charging…']] : [['/health/arm', 'Arm charging…']]),
    ...(isTestClock ? [['/health/clock', 'Move the test clock…']] : []),
  ];
  const mine = all.filter(([path = '']) => mayOpen(role, path));
  return html`${mine.map(([path = '', word = '']) => html`<a class="btn" href="${path}">${word}</a>`)}`;
}
