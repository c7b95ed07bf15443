import { Readable } from 'node:stream';
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
import { allow } from '../access.ts';
import { problem } from '../problem.ts';

const query = z.object({
  from: z.string().optional().describe('A date in the zone of the defaults, included, or an instant'),
  to: z.string().optional().describe('A date in the zone of the defaults, included, or an instant'),
  format: z.enum(['json', 'csv'], { error: 'must be json or csv' }).default('json'),
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
});

/** The charge log: the ledger as finance reads it, streamed. With `limit` or `cursor` JSON comes in pages. */
export function chargeLogRoutes(ctx: Context, bootstrapKey: string | null): FastifyPluginAsyncZod {
  return async (app) => {
    const options = {
      preHandler: allow(ctx, bootstrapKey, 'finance', 'product'),
      schema: { tags: ['finance'], querystring: query },
    };
    app.get('/v1/charge-log', options, async (request, reply) => {
      const { from, to, format, cursor, limit } = request.query;
      const range = logRange(ctx, from, to);
      if ('field' in range) return problem(reply, 400, 'Some fields are missing or wrong; see errors.', [range]);
      if (format === 'csv') {
        reply.header('content-disposition', 'attachment; filename="charge-log.csv"');
        return reply.type('text/csv; charset=utf-8').send(Readable.from(csvText(chargeLog(ctx, range))));
      }
      if (cursor !== undefined || limit !== undefined) {
        const page = await chargeLogPage(ctx, range, cursor ?? null, limit ?? 1_000);
        return { data: page.data.map(jsonLine), next_cursor: page.next_cursor };
      }
      return reply.type('application/json; charset=utf-8').send(Readable.from(jsonText(ctx, range)));
    });
  };
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
