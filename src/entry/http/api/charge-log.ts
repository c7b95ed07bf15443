import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { logColumns } from '../../../domain/ledger.ts';
import {
  chargeLog,
  chargeLogPage,
  type LogLine,
  type LogRange,
  logRange,
} from '../../../flows/reporting/charge-log.ts';
import { csvText } from '../../../flows/reporting/csv.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { momentText } from './texts.ts';

const query = z.strictObject({
  from: momentText.optional().describe('A date in the zone of the defaults, included, or an instant'),
  to: momentText.optional().describe('A date in the zone of the defaults, included, or an instant'),
  format: z.enum(['json', 'csv'], { error: 'must be json or csv' }).default('json'),
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
});

const cell = z.union([z.string(), z.number()]).nullable();
const line = z.object(Object.fromEntries(logColumns.map((column) => [column, cell]))).meta({ id: 'ChargeLogEntry' });
const log = {
  description: 'One line per entry of the ledger',
  content: {
    'application/json': { schema: z.object({ data: z.array(line), next_cursor: z.string().nullable() }) },
    'text/csv': { schema: z.string() },
  },
};

/** The charge log: the ledger as finance reads it, streamed. With `limit` or `cursor` JSON comes in pages. */
export function chargeLogRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    const options = {
      attachValidation: true,
      schema: { tags: ['finance'], summary: 'The charge log, streamed', querystring: query, response: { 200: log } },
    };
    app.get('/v1/charge-log', options, async (request, reply) => {
      const { from, to, format, cursor, limit } = request.query;
      const range = logRange(ctx, from, to);
      const faults = badFields(request, 'faults' in range ? range.faults : []);
      if ('faults' in range || faults.length > 0) return problem(reply, 400, SEE_ERRORS, faults);
      if (format === 'csv') {
        reply.header('content-disposition', 'attachment; filename="charge-log.csv"');
        return streamed(
          reply,
          'text/csv; charset=utf-8',
          csvText(chargeLog(ctx, range), ctx.catalog.current.defaults.timeZone),
        );
      }
      if (cursor !== undefined || limit !== undefined) {
        const page = await chargeLogPage(ctx, range, cursor ?? null, limit ?? 1_000);
        return { data: page.data.map(jsonLine), next_cursor: page.next_cursor };
      }
      return streamed(reply, 'application/json; charset=utf-8', jsonText(ctx, range));
    });
  };
}

function streamed(reply: FastifyReply, type: string, chunks: AsyncIterable<string>): FastifyReply {
  return reply.type(type).send(Readable.from(chunks));
}

async function* jsonText(ctx: Context, range: LogRange): AsyncGenerator<string> {
  let before = '{"data":[';
  for await (const line of chargeLog(ctx, range)) {
    yield before + JSON.stringify(jsonLine(line));
    before = ',\n';
  }
  yield before === ',\n' ? '],"next_cursor":null}' : '{"data":[],"next_cursor":null}';
}

/** In JSON, amounts are numbers in major units, as Xendit writes them. */
function jsonLine(line: LogLine): Record<string, string | number | null> {
  const numbers = { amount: line.amount === null ? null : Number(line.amount), money: Number(line.money ?? 0) };
  return { ...Object.fromEntries(logColumns.map((column) => [column, line[column]])), ...numbers };
}
