import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import {
  type ByPerson,
  type ChargeChanged,
  forgiveCharge,
  holdCharge,
  releaseCharge,
  retryCharge,
  voidCharge,
  writeOffCharge,
} from '../../../flows/charges/change-charge.ts';
import { listCharges, showCharge } from '../../../flows/views/list-charges.ts';
import { chargeColumns } from '../../../flows/views/lists/charge-columns.ts';
import { chargeLines } from '../../../flows/views/lists/charge-lines.ts';
import { countCharges, isTooLongToSort, TOO_LONG_TO_SORT } from '../../../flows/views/lists/charge-question.ts';
import { chargeIdOf } from '../../../flows/views/named.ts';
import { actorOf } from '../guard/access.ts';
import type { Exports } from '../guard/exports.ts';
import { chargeFilters, chargesAsked } from '../lists/charge-filters.ts';
import { listFormat, listOrFile, sendFile } from '../lists/file.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { chargeSchema, totalSchema, wholeChargeSchema } from './charge-schema.ts';
import { pageOf } from './fields.ts';
import { chargeParams, paging } from './schemas.ts';
import { reasonText } from './texts.ts';

const tags = ['charges'];
const filters = z.strictObject({ ...paging, ...chargeFilters, format: listFormat });
const personBody = z.strictObject({ reason: reasonText.optional() }).nullish();
/** No body is one without a reason. */
const reasonedBody = z
  .strictObject({ reason: reasonText })
  .nullish()
  .refine((body) => body !== null && body !== undefined, { path: ['reason'], error: 'is missing' });

/** Charges: read them with their attempts and reasons; retry, void, forgive, write off or release one by hand. */
export function chargeRoutes(ctx: Context, exported: Exports): FastifyPluginAsyncZod {
  return async (app) => {
    // From here on the id of every call is ours, however it was written.
    app.addHook('preHandler', async (request, reply) => {
      const params = request.params as { id?: string };
      const id = params.id === undefined ? undefined : await chargeIdOf(ctx, params.id);
      if (id === null) return problem(reply, 404, 'There is no charge with this reference.');
      if (id !== undefined) params.id = id;
      return undefined;
    });
    app.get(
      '/v1/charges',
      {
        attachValidation: true,
        schema: {
          tags,
          summary: 'Charges, and what the whole list comes to',
          querystring: filters,
          response: {
            200: listOrFile(
              pageOf(chargeSchema).extend({ totals: z.array(totalSchema).describe('What the whole list comes to') }),
            ),
          },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const asked = chargesAsked(ctx, query);
        const faults = badFields(request, 'faults' in asked ? asked.faults : []);
        if ('faults' in asked || faults.length > 0) return problem(reply, 400, SEE_ERRORS, faults);
        if (await isTooLongToSort(ctx, asked))
          return problem(reply, 400, SEE_ERRORS, [{ field: 'sort', message: TOO_LONG_TO_SORT }]);
        if (query.format !== 'json') {
          return await sendFile(ctx, exported, reply, {
            format: query.format,
            name: 'charges',
            query,
            columns: chargeColumns(ctx.catalog.current.defaults.timeZone),
            batches: chargeLines(ctx, asked),
            count: (most) => countCharges(ctx, asked, most),
          });
        }
        const page = await listCharges(ctx, asked, query.cursor ?? null, query.limit);
        return { data: [...page.data], next_cursor: page.next_cursor, totals: [...page.totals] };
      },
    );
    app.get(
      '/v1/charges/:id',
      {
        schema: {
          tags,
          summary: 'A charge with its attempts',
          params: chargeParams,
          response: { 200: wholeChargeSchema },
        },
      },
      async ({ params }, reply) => {
        return (await showCharge(ctx, params.id)) ?? problem(reply, 404, 'There is no charge with this id.');
      },
    );
    const byHand = [
      { verb: 'retry', flow: retryCharge, body: personBody, summary: 'Try a charge at once' },
      { verb: 'void', flow: voidCharge, body: reasonedBody, summary: 'Void a charge: it is no longer owed' },
      { verb: 'hold', flow: holdCharge, body: reasonedBody, summary: 'Hold a due charge for a person' },
      {
        verb: 'write-off',
        flow: writeOffCharge,
        body: reasonedBody,
        summary: 'Write a charge off: it stays owed, and nothing of it is tried',
      },
      {
        verb: 'forgive',
        flow: forgiveCharge,
        body: reasonedBody,
        summary: 'Forgive a charge: it is no longer owed, and access stays as if it were paid',
      },
      { verb: 'release', flow: releaseCharge, body: personBody, summary: 'Release a charge from hold' },
    ] as const;
    for (const { verb, flow, summary, body: taken } of byHand) {
      const schema = { tags, summary, params: chargeParams, body: taken, response: { 200: wholeChargeSchema } };
      app.post(`/v1/charges/:id/${verb}`, { schema }, async (request, reply) => {
        const { id } = request.params;
        const body = request.body;
        const by: ByPerson = { actor: actorOf(request), reason: body?.reason ?? null };
        return await answer(ctx, reply, await flow(ctx, id, by));
      });
    }
  };
}

async function answer(ctx: Context, reply: FastifyReply, changed: ChargeChanged) {
  switch (changed.kind) {
    case 'changed':
      return (
        (await showCharge(ctx, changed.dossier.charge.id)) ?? problem(reply, 404, 'There is no charge with this id.')
      );
    case 'not_found':
      return problem(reply, 404, 'There is no charge with this id.');
    case 'refused':
      return problem(reply, 409, changed.detail);
  }
}
