import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { forecast } from '../../../../flows/forecast/forecast.ts';
import { breather } from '../../guard/breather.ts';
import { problem } from '../../problem.ts';
import { told, wholeNumber } from '../fields.ts';
import { forecastSchema } from './forecast-schema.ts';

const MONTHS = 12;
/** Ten years. */
const MOST_MONTHS = 120;

const query = z.strictObject({
  months: told(
    wholeNumber(1, MOST_MONTHS),
    `The rest of this month and so many whole months after it, ${MONTHS} unless said`,
    MONTHS,
  ).optional(),
  by: told(
    z.enum(['day', 'month'], { error: 'must be day or month' }),
    'A row for each day, or each month',
    'month',
  ).default('month'),
});

/** No answer is worth waiting for with the end of a process. */
class Ending extends Error {
  readonly statusCode = 503;
}

/** What is to come in, by the rules that charges are opened by. One is made at a time, and never at the cost of charging. */
export function forecastRoutes(ctx: Context): FastifyPluginAsyncZod {
  let underWay = false;
  return async (app) => {
    app.get(
      '/v1/reports/forecast',
      {
        schema: {
          tags: ['finance'],
          summary: 'What falls due in the months to come, by currency, and how much of it comes in',
          querystring: query,
          response: { 200: forecastSchema },
        },
      },
      async ({ query: { months = MONTHS, by } }, reply) => {
        if (underWay)
          return problem(
            reply.header('retry-after', '10'),
            429,
            'A forecast is being made: ask again when it is done.',
          );
        underWay = true;
        try {
          const breathe = breather(ctx);
          const made = await forecast(ctx, {
            months,
            by,
            whatIf: null,
            told: () => {
              if (ctx.stopping.aborted) throw new Ending('The process ends: the forecast was given up.');
              return breathe();
            },
          });
          if (made.kind === 'faults') throw new Error('The catalog in force has faults.');
          const { rows, not_forecast, ...rest } = made.forecast;
          return { ...rest, rows: [...rows], not_forecast: [...not_forecast] };
        } finally {
          underWay = false;
        }
      },
    );
  };
}
