import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { logColumns } from '../../../domain/books/ledger.ts';
import { chargeLog, chargeLogPage, type LogLine, type LogRange, logRange } from '../../../flows/views/charge-log.ts';
import { csvText } from '../../../flows/views/csv.ts';
import { exportsOf } from '../guard/exports.ts';
import { badFields, problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import { told, wholeNumber } from './fields.ts';
import { logSchema } from './log-schema.ts';
import { momentText } from './texts.ts';

/** Of a page: a thousand lines are half a megabyte, and hold the process for some hundredths of a second. */
const MOST_LINES = 1_000;

const query = z.strictObject({
  from: told(
    momentText,
    "The first day, in the zone of the catalog's defaults, or an instant",
    '2026-02-01',
  ).optional(),
  to: told(momentText, 'The last day, included, or an instant', '2026-02-28').optional(),
  format: told(z.enum(['json', 'csv'], { error: 'must be json or csv' }), 'csv opens in a spreadsheet', 'csv').default(
    'json',
  ),
  cursor: told(
    z.string().max(1_000),
    'Where the last page ended: its next_cursor',
    'eyJhdCI6IjIwMjYtMDItMDMifQ',
  ).optional(),
  limit: told(wholeNumber(1, MOST_LINES), 'Pages of so many lines; left out: all of them, streamed', 1_000).optional(),
});

/** The charge log: the ledger as finance reads it, streamed. With `limit` or `cursor` JSON comes in pages. */
export function chargeLogRoutes(ctx: Context): FastifyPluginAsyncZod {
  const exported = exportsOf(ctx);
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
      const { from, to, format, cursor, limit } = request.query;
      const range = logRange(ctx, from, to);
      const faults = badFields(request, 'faults' in range ? range.faults : []);
      if ('faults' in range || faults.length > 0) return problem(reply, 400, SEE_ERRORS, faults);
      if (format === 'csv') {
        reply.header('content-disposition', 'attachment; filename="charge-log.csv"');
        const text = csvText(chargeLog(ctx, range), ctx.catalog.current.defaults.timeZone);
        return exported.send(reply, 'text/csv; charset=utf-8', text);
      }
      if (cursor !== undefined || limit !== undefined) {
        const page = await chargeLogPage(ctx, range, cursor ?? null, limit ?? MOST_LINES);
        // Lines of our own are written as they are: to check each of them again took longer than to read it.
        void reply.type('application/json; charset=utf-8').serializer(JSON.stringify);
        return { data: page.data.map(jsonLine), next_cursor: page.next_cursor };
      }
      return exported.send(reply, 'application/json; charset=utf-8', jsonText(ctx, range));
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
