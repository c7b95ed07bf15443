import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { type Matter, matterKinds } from '../../../../flows/queue/matter.ts';
import { queue } from '../../../../flows/queue/queue.ts';
import type { Acting } from '../acts/act-routes.ts';
import { CHARGES } from '../acts/charge-things.ts';
import { PAID_CHARGES, REFUNDS } from '../acts/refund-things.ts';
import { DISPUTES } from '../disputes/dispute-thing.ts';
import { inFrame } from '../frame/in-frame.ts';
import { visitorOf } from '../frame/visitors.ts';
import { queueDocument, ROWS, type Subjects } from './queue-page.ts';

const query = z.strictObject({
  kind: z.enum(matterKinds, `must be one of: ${matterKinds.join(', ')}`).optional(),
  after: z.string().max(300).optional(),
});
const listed = { hide: true, querystring: query };

type Listing = FastifyRequest<{ Querystring: z.infer<typeof query> }>;

/** What these matters are about, as it may be decided about. */
async function subjectsOf(ctx: Context, matters: readonly Matter[]): Promise<Subjects> {
  const ids = (of: NonNullable<Matter['acts']>['of']) =>
    matters.flatMap(({ acts }) => (acts?.of === of ? [acts.id] : []));
  const [charges, refunds, paid, disputes] = await Promise.all([
    CHARGES.load(
      ctx,
      matters.flatMap(({ charge }) => charge ?? []),
    ),
    REFUNDS.load(ctx, ids('refund')),
    PAID_CHARGES.load(ctx, ids('paid_charge')),
    DISPUTES.load(ctx, ids('dispute')),
  ]);
  return { charges, refunds, paid, disputes };
}

/** What waits for a person, as one list; read in one snapshot. */
export function queuePages(app: FastifyInstance, { ctx, pages, house }: Acting): void {
  const send = inFrame(house, '/queue');
  app.get('/queue', { schema: listed }, async (request: Listing, reply) => {
    const { kind = null, after } = request.query;
    const now = await ctx.clock.now();
    const { session } = visitorOf(request);
    const { read, shown, start, ofKind, subjects } = await pages.look(async (db) => {
      const reading = { ...ctx, db };
      const all = await queue(reading, now);
      const some = kind === null ? all.matters : all.matters.filter((one) => one.kind === kind);
      // A matter that is decided meanwhile is no place any more: whoever goes on from it begins anew.
      const first = after === undefined ? 0 : some.findIndex(({ key }) => key === after) + 1;
      const here = some.slice(first, first + ROWS);
      return { read: all, shown: here, start: first, ofKind: some, subjects: await subjectsOf(reading, here) };
    });
    // The menu says what this list has.
    const seen = { ...(await house()), matters: read.matters.length };
    const page = queueDocument({
      queue: read,
      kind,
      shown,
      place: start + 1,
      next: start + shown.length < ofKind.length ? (shown.at(-1)?.key ?? null) : null,
      subjects,
      session,
      csrf: reply.generateCsrf(),
      now,
      zone: seen.zone,
    });
    return await send(reply, page, now, seen);
  });
}
