import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { showVersion } from '../../../../flows/catalog/show-catalog.ts';
import { diffCatalog } from '../../../../flows/edits/diff-catalog.ts';
import { plansPage } from '../../../../flows/views/pages/plans-page.ts';
import { diffWords } from '../../../cli/screen/diff-words.ts';
import { mayOpen } from '../../calls.ts';
import { html } from '../../pages/html.ts';
import { noSuchThing } from '../frame/errors.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { visitorOf } from '../frame/visitors.ts';
import { diffDocument } from './diff-page.ts';
import { plansDocument } from './plans-page.ts';
import { versionDocument } from './version-page.ts';

const plain = { hide: true, querystring: z.strictObject({}) };
const numbered = { hide: true, params: z.object({ number: z.string().max(100) }), querystring: z.strictObject({}) };
const formatted = { hide: true, querystring: z.strictObject({ format: z.enum(['text', 'json']).optional() }) };

type Numbered = FastifyRequest<{ Params: { number: string } }>;
type Formatted = FastifyRequest<{ Querystring: { format?: 'text' | 'json' } }>;

/** What is sold, by which versions, and what the file on disk would change; the file is read at each look. */
export function planPages(
  app: FastifyInstance,
  ctx: Context,
  pages: Pages,
  house: () => Promise<House>,
  file: string,
): void {
  // Each goes through all subscriptions.
  const read = <T>(work: (reading: Context) => Promise<T>) => pages.look((db) => work({ ...ctx, db }), 'long');
  const send = inFrame(house, '/plans');
  // Another catalog may come in force at any time, and bring another zone.
  const zone = () => ctx.catalog.current.defaults.timeZone;

  app.get('/plans', { schema: plain }, async (request, reply) => {
    const now = await ctx.clock.now();
    const shown = await read(plansPage);
    const { role } = visitorOf(request).session;
    const acts = mayOpen(role, '/plans/diff') ? html`<a class="btn" href="/plans/diff">The file on disk</a>` : html``;
    return await send(reply, plansDocument({ shown, zone: zone(), acts }), now);
  });

  app.get('/plans/versions/:number', { schema: numbered }, async (request: Numbered, reply) => {
    const { number } = request.params;
    const now = await ctx.clock.now();
    const shown = /^[1-9]\d{0,5}$/.test(number) ? await read((reading) => showVersion(reading, Number(number))) : null;
    if (shown === null) return noSuchThing(reply, 'version', number);
    return await send(reply, versionDocument(shown, zone()), now);
  });

  app.get('/plans/diff', { schema: formatted }, async (request: Formatted, reply) => {
    const now = await ctx.clock.now();
    const diffed = await read((reading) => diffCatalog(reading, { file }));
    const { format } = request.query;
    if (format === undefined) return await send(reply, diffDocument({ diffed, file }), now);
    const said = diffed.kind === 'faults' ? { faults: diffed.faults } : { ...diffed.diff, warnings: diffed.warnings };
    const words = diffed.kind === 'faults' ? diffed.faults.join('\n') : diffWords(diffed.diff, file, null);
    const text = format === 'json' ? JSON.stringify(said, null, 2) : words;
    const type = format === 'json' ? 'application/json' : 'text/plain; charset=utf-8';
    return reply.header('cache-control', 'private, no-store').type(type).serializer(String).send(`${text}\n`);
  });
}
