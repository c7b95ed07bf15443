import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { aimClock, clockState } from '../../../flows/time/advance-clock.ts';
import { problem } from '../problem.ts';
import { instant, oneOf, told } from './fields.ts';
import { instantText } from './texts.ts';

const stateSchema = z
  .object({
    now: instant('What time it is for the daemon'),
    status: oneOf(['ready', 'advancing'], 'advancing: it is on its way, and what falls due there is being done'),
  })
  .meta({ id: 'TestClock', description: 'Where the test clock stands' });
const aimBody = z.strictObject({
  now: told(instantText, 'Where it goes, never back', '2026-03-01T00:00:00Z'),
  jump: told(z.boolean(), 'Whether it goes there at once, as if no daemon had run meanwhile', false).optional(),
});

/** The test clock; there is none unless DUEDAY_CLOCK is virtual. */
export function testClockRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    if (ctx.clock.kind !== 'virtual') return;
    app.get(
      '/v1/test-clock',
      {
        schema: { tags: ['test clock'], summary: 'Where the test clock stands', response: { 200: stateSchema } },
      },
      async () => shown(await clockState(ctx)),
    );
    app.post(
      '/v1/test-clock',
      {
        schema: {
          tags: ['test clock'],
          summary: 'Move the test clock forward',
          body: aimBody,
          response: { 200: stateSchema },
        },
      },
      async ({ body }, reply) => {
        const target = Temporal.Instant.from(body.now).round({ smallestUnit: 'millisecond', roundingMode: 'floor' });
        const aimed = await aimClock(ctx, target, body.jump ?? false);
        if (aimed.kind === 'refused') return problem(reply, 409, aimed.detail);
        ctx.wake();
        return shown(aimed.state);
      },
    );
  };
}

function shown(state: Awaited<ReturnType<typeof clockState>>) {
  return { now: state.now.toString(), status: state.status };
}
