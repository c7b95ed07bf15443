import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { lineKinds } from '../../../domain/money/lines.ts';
import { addItem, type ItemChanged, withdrawItem } from '../../../flows/subscriptions/change-items.ts';
import { itemView, listItems } from '../../../flows/views/list-items.ts';
import { actorOf } from '../guard/access.ts';
import { nameSubscriptions } from '../named-subscriptions.ts';
import { problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import {
  count,
  currency,
  date,
  id,
  instant,
  maybeId,
  maybeInstant,
  maybeText,
  money,
  oneOf,
  pageOf,
  text,
  told,
} from './fields.ts';
import { itemBody } from './item-body.ts';
import { paging, subscriptionParams } from './schemas.ts';

const tags = ['subscriptions'];

const itemSchema = z
  .object({
    id: id("dueday's id of the item"),
    number: count('Items of a subscription count from 1', 1),
    kind: oneOf(lineKinds, 'What the line is about'),
    text: text('What it says to people', 'Extra seat in March'),
    quantity: count('How many', 1),
    unit_amount: money('The price of one', 10_000),
    amount: money('What the line comes to', 10_000),
    currency: currency(),
    period: z
      .object({ start: date('Its first day'), end: date('Its last day, included', '2026-03-02') })
      .nullable()
      .describe('What is paid for; null where it is for no days'),
    why: maybeText('Where it comes from, if nobody asked for it', 'CARDS takes IDR 5,000 at least'),
    state: oneOf(['waiting', 'charged', 'withdrawn'], 'Whether it waits for the next charge'),
    charge_id: maybeId('The charge that has it as a line; null while it waits, or where it was withdrawn'),
    created_at: instant('When it came'),
    withdrawn_at: maybeInstant('When it was withdrawn'),
  })
  .meta({ id: 'Item', description: 'A line of the next charge of a subscription, or of one that has opened' });

const itemParams = subscriptionParams.extend({
  item: told(z.uuid('must be the id that the API gave'), 'The id of the item', '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17'),
});

/** Items: lines of the next charge of a subscription. */
export function itemRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    nameSubscriptions(app, ctx);
    app.get(
      '/v1/subscriptions/:id/items',
      {
        schema: {
          tags,
          summary: 'The items of a subscription, newest first',
          params: subscriptionParams,
          querystring: z.strictObject(paging),
          response: { 200: pageOf(itemSchema) },
        },
      },
      async (request, reply) => {
        const { cursor, limit } = request.query;
        const page = await listItems(ctx, request.params.id, cursor ?? null, limit);
        return page === null
          ? problem(reply, 404, 'There is no subscription with this id.')
          : { ...page, data: [...page.data] };
      },
    );
    app.post(
      '/v1/subscriptions/:id/items',
      {
        schema: {
          tags,
          summary: 'Add a line to the next charge of a subscription',
          params: subscriptionParams,
          body: itemBody,
          response: { 201: itemSchema },
        },
      },
      async (request, reply) => {
        return answerItem(reply, await addItem(ctx, request.params.id, request.body, actorOf(request)), 201);
      },
    );
    app.delete(
      '/v1/subscriptions/:id/items/:item',
      {
        schema: {
          tags,
          summary: 'Take a line back that waits for the next charge',
          params: itemParams,
          response: { 200: itemSchema },
        },
      },
      async (request, reply) => {
        const { id: subscription, item } = request.params;
        return answerItem(reply, await withdrawItem(ctx, subscription, item, actorOf(request)), 200);
      },
    );
  };
}

function answerItem(reply: FastifyReply, changed: ItemChanged, status: 200 | 201) {
  switch (changed.kind) {
    case 'changed':
      reply.code(status);
      return itemView(changed.item, changed.currency);
    case 'not_found':
      return problem(reply, 404, 'There is no such subscription, or no such item of it.');
    case 'refused':
      return problem(reply, 409, changed.detail);
    case 'invalid':
      return problem(reply, 400, SEE_ERRORS, changed.faults);
  }
}
