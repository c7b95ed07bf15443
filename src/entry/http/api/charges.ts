import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import {
  type ByPerson,
  type ChargeChanged,
  releaseCharge,
  retryCharge,
  voidCharge,
} from '../../../flows/charges/change-charge.ts';
import { logRange } from '../../../flows/reporting/charge-log.ts';
import { listCharges, showCharge } from '../../../flows/reporting/list-charges.ts';
import { actorOf, allow } from '../access.ts';
import { problem } from '../problem.ts';
import { chargeSchema, idParams, pageOf, paging, plainText, wholeChargeSchema } from './schemas.ts';

const tags = ['charges'];
const filters = z.object({
  ...paging,
  status: z.string().optional(),
  subscription: z.string().optional(),
  due_from: z.string().optional(),
  due_to: z.string().optional(),
  failure_code: z.string().optional(),
});
const personBody = z.strictObject({ reason: plainText(500).optional() }).nullish();

/** Charges: read them with their attempts and reasons; retry, void or release one by hand. */
export function chargeRoutes(ctx: Context, bootstrapKey: string | null): FastifyPluginAsyncZod {
  const read = { preHandler: allow(ctx, bootstrapKey, 'product', 'finance') };
  return async (app) => {
    app.get(
      '/v1/charges',
      { ...read, schema: { tags, querystring: filters, response: { 200: pageOf(chargeSchema) } } },
      async ({ query }, reply) => {
        const range = logRange(ctx, query.due_from, query.due_to);
        if ('field' in range)
          return problem(reply, 400, 'Some fields are missing or wrong; see errors.', [
            { ...range, field: `due_${range.field}` },
          ]);
        const filter = {
          status: query.status,
          subscription: query.subscription,
          failureCode: query.failure_code,
          dueFrom: range.from ?? undefined,
          dueUntil: range.until ?? undefined,
        };
        const page = await listCharges(ctx, filter, query.cursor ?? null, query.limit);
        return { data: [...page.data], next_cursor: page.next_cursor };
      },
    );
    app.get(
      '/v1/charges/:id',
      { ...read, schema: { tags, params: idParams, response: { 200: wholeChargeSchema } } },
      async ({ params }, reply) => {
        return (await showCharge(ctx, params.id)) ?? problem(reply, 404, 'There is no charge with this id.');
      },
    );
    const byHand = { retry: retryCharge, void: voidCharge, release: releaseCharge } as const;
    for (const [verb, flow] of Object.entries(byHand)) {
      const schema = { tags, params: idParams, body: personBody, response: { 200: wholeChargeSchema } };
      app.post(`/v1/charges/:id/${verb}`, { preHandler: allow(ctx, bootstrapKey), schema }, async (request, reply) => {
        const { id } = request.params as z.infer<typeof idParams>;
        const body = request.body as z.infer<typeof personBody>;
        const by: ByPerson = { actor: actorOf(request), reason: body?.reason ?? null };
        return await answer(ctx, reply, await flow(ctx, id, by));
      });
    }
  };
}

async function answer(ctx: Context, reply: FastifyReply, changed: ChargeChanged) {
  switch (changed.kind) {
    case 'changed':
      return (await showCharge(ctx, changed.book.charge.id)) ?? problem(reply, 404, 'There is no charge with this id.');
    case 'not_found':
      return problem(reply, 404, 'There is no charge with this id.');
    case 'refused':
      return problem(reply, 409, changed.detail);
  }
}
