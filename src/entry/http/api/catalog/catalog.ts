import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { listVersions, showCatalog } from '../../../../flows/catalog/show-catalog.ts';
import { readCursor, writeCursor } from '../../../../flows/views/cursor.ts';
import { count, currency, instant, maybeCount, maybeInstant, maybeText, money, pageOf, text, told } from '../fields.ts';
import { paging } from '../schemas.ts';

const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const planSchema = z
  .object({
    plan: text('Its name in the catalog, as subscriptions are created with it', 'pro-monthly'),
    name: text('Its name as customers read it', 'Pro'),
    amount: money('What a cycle costs'),
    currency: currency(),
    interval: text('How far cycles lie apart', '1 month'),
    trial: maybeText('How long it is free at first; null: it is not', '14 days'),
    trial_once: told(z.boolean(), 'Whether a customer, and a card, has one trial of it', false),
    setup_fee: told(z.number().nullable(), 'What is paid once, in major units; null: nothing is', 50_000),
    ends_after: maybeCount('Cycles after which it ends; null: it goes on', 12),
    unpaid_cycles: text('Whether a cycle that nobody paid is one of them: count or not', 'count'),
    on_dispute: text('Whether a subscription of which a payment is disputed waits for a person: stop or go_on', 'stop'),
    tax: z
      .object({
        name: text('The name of the tax', 'PPN'),
        included: told(z.boolean(), 'Whether the amount has it inside', true),
        rate: maybeText('How much it is today; null: it has not begun', '12%'),
      })
      .nullable()
      .describe('The tax that its charges say; null: none'),
    country: text('Country of its customers, ISO 3166-1 alpha-2', 'ID'),
    payment_channels: told(
      z.array(z.string()).nullable(),
      'Channels in which a method may be saved; null: whatever Xendit offers',
      ['CARDS', 'OVO'],
    ),
    price_change: text('What another price means for those who have it: next_cycle or new_only', 'new_only'),
    text: text('What its customers read before they save a method', 'Pro: IDR 150,000 a month, until you cancel'),
  })
  .meta({ id: 'Plan', description: 'A plan, as it is sold' });

const catalogSchema = z
  .object({
    version: count('The version in force', 3),
    digest: text('SHA-256 of its text', DIGEST),
    since: maybeInstant('Since when it is in force; null: nobody wrote it down'),
    applied_by: maybeText('Who put it in force', 'cli:siti'),
    plans: z.array(planSchema).describe('What is sold, in the order of the file'),
  })
  .meta({ id: 'Catalog', description: 'What is sold now' });

const versionSchema = z
  .object({
    version: count('Its number', 3),
    digest: text('SHA-256 of its text', DIGEST),
    stored_at: instant('When its text was read first'),
    in_force: told(z.boolean(), 'Whether everything is sold by it now', true),
    applied: z
      .array(
        z.object({
          number: count('How many times versions came in force until then', 4),
          from_version: maybeCount('The version in force before; null: there was none', 2),
          at: instant('When it came in force'),
          by: text('Who put it in force', 'cli:siti'),
          reason: maybeText('Why', 'the rent went up'),
          digest: maybeText('The digest of what was shown of the edit; null: the file applied itself', DIGEST),
        }),
      )
      .describe('Each time that it came in force, the last one first'),
  })
  .meta({ id: 'CatalogVersion', description: 'One text of the catalog, which never changes' });

/** What is sold, and every version of it that ever was. */
export function catalogRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    const tags = ['catalog'];
    app.get(
      '/v1/catalog',
      {
        schema: { tags, summary: 'What is sold now: what a price page is made from', response: { 200: catalogSchema } },
      },
      async () => await showCatalog(ctx),
    );
    app.get(
      '/v1/catalog/versions',
      {
        schema: {
          tags,
          summary: 'The versions of the catalog, newest first: since when, and by whom',
          querystring: z.strictObject(paging),
          response: { 200: pageOf(versionSchema) },
        },
      },
      async ({ query }) => {
        const before = readCursor(query.cursor ?? null, ['seq'] as const);
        const { data, isMore } = await listVersions(ctx, before === null ? null : Number(before.seq), query.limit);
        const last = data.at(-1);
        return { data, next_cursor: isMore && last !== undefined ? writeCursor({ seq: String(last.version) }) : null };
      },
    );
  };
}
