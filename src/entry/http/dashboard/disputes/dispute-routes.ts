import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { disputeStates } from '../../../../domain/disputes/dispute.ts';
import { disputeList } from '../../../../flows/views/pages/dispute-list.ts';
import { disputePage } from '../../../../flows/views/pages/dispute-page.ts';
import { storable } from '../../api/texts.ts';
import { actLinks } from '../acts/act-links.ts';
import { orFirstPage } from '../frame/asked.ts';
import { noSuchThing } from '../frame/errors.ts';
import { withoutEmpty } from '../frame/form.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { visitorOf } from '../frame/visitors.ts';
import { disputesDocument } from './dispute-list-page.ts';
import { disputeDocument } from './dispute-page.ts';
import { DISPUTES } from './dispute-thing.ts';

const SHOWN = 50;

const asked = z.strictObject({ state: z.enum(disputeStates).optional(), cursor: storable.max(500).optional() });
const listed = { hide: true, querystring: z.preprocess(withoutEmpty, asked) };
const one = { hide: true, params: z.object({ id: storable.max(100) }) };

type Listing = FastifyRequest<{ Querystring: z.infer<typeof asked> }>;
type One = FastifyRequest<{ Params: { id: string } }>;

/** Disputes, and one of them; each page is read in one snapshot. */
export function disputePages(app: FastifyInstance, ctx: Context, pages: Pages, house: () => Promise<House>): void {
  const send = inFrame(house, '/disputes');
  const read = <T>(work: (reading: Context) => Promise<T>) => pages.look((db) => work({ ...ctx, db }));

  app.get('/disputes', { schema: listed }, async (request: Listing, reply) => {
    const { state, cursor = null } = request.query;
    const part = await orFirstPage(() => read((reading) => disputeList(reading, state, cursor, SHOWN)));
    if (part === null) return reply.redirect('/disputes', 303);
    const { timeZone: zone } = ctx.catalog.current.defaults;
    return await send(reply, disputesDocument({ part, state, zone }), await ctx.clock.now());
  });

  app.get('/disputes/:id', { schema: one }, async (request: One, reply) => {
    const { id } = request.params;
    const shown = await read(async (reading) => {
      const page = await disputePage(reading, id);
      const [subject] = page === null ? [] : await DISPUTES.load(reading, [id]);
      return page === null || subject === undefined ? null : { page, subject };
    });
    if (shown === null) return noSuchThing(reply, 'dispute', id);
    const { session } = visitorOf(request);
    const acts = actLinks(DISPUTES, shown.subject, session, `/disputes/${id}`);
    return await send(reply, { ...disputeDocument(shown.page), acts }, await ctx.clock.now());
  });
}
