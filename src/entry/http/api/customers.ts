import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { customerAccess } from '../../../flows/views/customer-access.ts';
import { problem } from '../problem.ts';
import { count, id, maybeInstant, oneOf, text, told } from './fields.ts';
import { subscriptionStatus } from './schemas.ts';
import { plainText } from './texts.ts';

/** Whether its customer is let in, as a subscription says it too. */
export const accessFields = {
  allowed: told(z.boolean(), 'Whether its customer may use what they subscribed to', true),
  until: maybeInstant('When access ends, or ended, as things stand; null: nothing ends it, or it has not begun'),
  why: text('The reason, in a sentence', 'It is paid, or was not asked to be.'),
};

const customerAccessSchema = z
  .object({
    allowed: accessFields.allowed,
    state: oneOf(subscriptionStatus.options, 'The status of the subscription that decides'),
    until: accessFields.until,
    past_due_since: maybeInstant('Since the decline that made it past due; no retry moves it'),
    plan: text('Its plan, by its name in the catalog', 'pro-monthly'),
    quantity: count('How many of it', 1),
    why: accessFields.why,
    subscription: id("dueday's id of the subscription that decides: the one that lets in longest, else the newest"),
  })
  .meta({ id: 'CustomerAccess', description: 'Whether a customer is let in, and by what' });

const customerParams = z.object({
  reference: told(plainText(255), "Your own reference of the customer, or Xendit's id, or dueday's", 'cust-1001'),
});

/** Customers: whether they are let in. */
export function customerRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/v1/customers/:reference/access',
      {
        schema: {
          tags: ['customers'],
          summary: 'Whether a customer is let in, until when, and why',
          params: customerParams,
          response: { 200: customerAccessSchema },
        },
      },
      async ({ params }, reply) => {
        const access = await customerAccess(ctx, params.reference);
        return access ?? problem(reply, 404, 'There is no customer with this reference.');
      },
    );
  };
}
