import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import {
  type ByPerson,
  type ChargeChanged,
  holdCharge,
  releaseCharge,
  retryCharge,
  voidCharge,
} from '../../../flows/charges/change-charge.ts';
import { logRange, type RangeFault } from '../../../flows/reporting/charge-log.ts';
import { listCharges, showCharge } from '../../../flows/reporting/list-charges.ts';
import { actorOf } from '../access.ts';
import { badFields, problem, SEE_ERRORS } from '../problem.ts';
import { chargeSchema, chargeStatus, idParams, pageOf, paging, wholeChargeSchema } from './schemas.ts';
import { filterText, momentText, reasonText } from './texts.ts';

const tags = ['charges'];
const filters = z.strictObject({
  ...paging,
  status: chargeStatus.optional(),
  subscription: filterText,
  due_from: momentText.optional(),
  due_to: momentText.optional(),
  failure_code: filterText,
});
const personBody = z.strictObject({ reason: reasonText.optional() }).nullish();
/** No body is one without a reason. */
const reasonedBody = z
  .strictObject({ reason: reasonText })
  .nullish()
  .refine((body) => body !== null && body !== undefined, { path: ['reason'], error: 'is missing' });

/** Charges: read them with their attempts and reasons; retry, void or release one by hand. */
export function chargeRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/v1/charges',
      {
        attachValidation: true,
        schema: {
          tags,
          summary: 'Charges, oldest due first',
          querystring: filters,
          response: { 200: pageOf(chargeSchema) },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const range = logRange(ctx, query.due_from, query.due_to);
        const faults = badFields(request, 'faults' in range ? range.faults.map(dueFault) : []);
        if ('faults' in range || faults.length > 0) return problem(reply, 400, SEE_ERRORS, faults);
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
      {
        schema: { tags, summary: 'A charge with its attempts', params: idParams, response: { 200: wholeChargeSchema } },
      },
      async ({ params }, reply) => {
        return (await showCharge(ctx, params.id)) ?? problem(reply, 404, 'There is no charge with this id.');
      },
    );
    const byHand = [
      { verb: 'retry', flow: retryCharge, body: personBody, summary: 'Try a charge at once' },
      { verb: 'void', flow: voidCharge, body: reasonedBody, summary: 'Void a charge: it is no longer owed' },
      { verb: 'hold', flow: holdCharge, body: reasonedBody, summary: 'Hold a due charge for a person' },
      { verb: 'release', flow: releaseCharge, body: personBody, summary: 'Release a charge from hold' },
    ] as const;
    for (const { verb, flow, summary, body: taken } of byHand) {
      const schema = { tags, summary, params: idParams, body: taken, response: { 200: wholeChargeSchema } };
      app.post(`/v1/charges/:id/${verb}`, { schema }, async (request, reply) => {
        const { id } = request.params as z.infer<typeof idParams>;
        const body = request.body as z.infer<typeof personBody>;
        const by: ByPerson = { actor: actorOf(request), reason: body?.reason ?? null };
        return await answer(ctx, reply, await flow(ctx, id, by));
      });
    }
  };
}

/** The range is called due_from and due_to here. */
function dueFault({ field, message }: RangeFault) {
  return { field: `due_${field}`, message: message.replace('from', 'due_from') };
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
