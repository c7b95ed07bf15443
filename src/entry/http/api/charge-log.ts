import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { logColumns } from '../../../domain/books/ledger.ts';
import {
  chargeLog,
  chargeLogPage,
  countChargeLog,
  type LogAsked,
  type LogLine,
} from '../../../flows/views/log/charge-log.ts';
import { logFileColumns } from '../../../flows/views/log/file-columns.ts';
import { totalsOf } from '../../../flows/views/log/totals.ts';
import type { Exports } from '../guard/exports.ts';
import { listFormat, sendFile } from '../lists/file.ts';
import { logAsked, logFilters } from '../lists/log-filters.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { told, wholeNumber } from './fields.ts';
import { logSchema } from './log-schema.ts';

/** Of a page: a thousand lines are half a megabyte, and hold the process for some hundredths of a second. */
const MOST_LINES = 1_000;

const query = z.strictObject({
  ...logFilters,
  format: listFormat,
  cursor: told(
    z.string().max(1_000),
    'Where the last page ended: its next_cursor',
    'eyJhdCI6IjIwMjYtMDItMDMifQ',
  ).optional(),
  limit: told(wholeNumber(1, MOST_LINES), 'Pages of so many lines; left out: all of them, streamed', 1_000).optional(),
});

/** The charge log: the ledger as finance reads it, streamed. With `limit` or `cursor` JSON comes in pages. */
export function chargeLogRoutes(ctx: Context, exported: Exports): FastifyPluginAsyncZod {
  return async (app) => {
    const options = {
      attachValidation: true,
      schema: {
        tags: ['finance'],
        summary: 'The charge log, streamed',
        querystring: query,
        response: { 200: logSchema },
      },
    };
    app.get('/v1/charge-log', options, async (request, reply) => {
      const { format, cursor, limit } = request.query;
      const asked = logAsked(ctx, request.query);
      const faults = badFields(request, 'faults' in asked ? asked.faults : []);
      if ('faults' in asked || faults.length > 0) return problem(reply, 400, SEE_ERRORS, faults);
      if (format !== 'json') {
        const timeZone = ctx.catalog.current.defaults.timeZone;
        return await sendFile(ctx, exported, reply, {
          format,
          name: 'charge-log',
          query: request.query,
          columns: logFileColumns(timeZone),
          batches: chargeLog(ctx, asked),
          count: (most) => countChargeLog(ctx, asked, most),
        });
      }
      if (cursor !== undefined || limit !== undefined) {
        const page = await chargeLogPage(ctx, asked, cursor ?? null, limit ?? MOST_LINES);
        // Lines of our own are written as they are: to check each of them again took longer than to read it.
        void reply.type('application/json; charset=utf-8').serializer(JSON.stringify);
        const { totals, next_cursor } = page;
        return { data: page.data.map(jsonLine), next_cursor, ...(totals !== null && { totals: [...totals] }) };
      }
      return exported.send(reply, 'application/json; charset=utf-8', jsonText(ctx, asked));
    });
  };
}

/** What the lines come to stands behind them, and is what these lines come to, whatever was written meanwhile. */
async function* jsonText(ctx: Context, asked: LogAsked): AsyncGenerator<string> {
  const totals = totalsOf();
  let before = '{"data":[';
  for await (const lines of chargeLog(ctx, asked)) {
    for (const line of lines) {
      totals.add(line);
      yield before + JSON.stringify(jsonLine(line));
      before = ',\n';
    }
  }
  const data = before === ',\n' ? ']' : '{"data":[]';
  yield `${data},"next_cursor":null,"totals":${JSON.stringify(totals.told())}}`;
}

/** In JSON, amounts are numbers in major units, as Xendit writes them. */
function jsonLine(line: LogLine): Record<string, string | number | null> {
  const number = (value: string | number | null) => (value === null ? null : Number(value));
  const numbers = { amount: number(line.amount), money: Number(line.money ?? 0), credit: number(line.credit) };
  return { ...Object.fromEntries(logColumns.map((column) => [column, line[column]])), ...numbers };
}
