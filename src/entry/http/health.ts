import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { SHOWS_HELD, whyNotReady } from '../../domain/control/readiness.ts';
import { figures } from '../../flows/views/figures.ts';
import { type Overview, overview } from '../../flows/views/overview.ts';
import { errorFacts } from '../../infra/logger.ts';
import { count, maybeCount, maybeInstant, maybeText, oneOf, text, told } from './api/fields.ts';
import { sharedLook } from './shared-look.ts';

export type Readiness = {
  /** Why this process should get no requests; null when it may. Asked at every look. */
  readonly notReady: () => string | null;
  /** Why the catalog's file is not what this process goes by; null when it is. */
  readonly catalogDiffers: () => string | null;
  readonly showMetrics: (facts: Awaited<ReturnType<typeof figures>>) => void;
  readonly metricsText: () => Promise<string>;
  readonly metricsType: string;
};

const open = { tags: ['health'], security: [] };
const live = {
  ...open,
  summary: 'The process is alive',
  response: { 200: z.object({ status: told(z.literal('live'), 'Its event loop turns', 'live') }) },
};
const channel = z.object({
  state: oneOf(['closed', 'open', 'half_open'], 'closed: charges go out; open: none; half_open: one is tried'),
  since: maybeInstant('When it was stopped'),
  why: maybeText('Why it was stopped', 'CHANNEL_UNAVAILABLE'),
  waiting: count('Charges due on it', 0),
});
const standing = {
  charging: oneOf(['on', 'stopped', 'disarmed'], 'Whether charges go out at all'),
  reason: maybeText('Why it is not ready, in words', 'charging is stopped: INVALID_API_KEY'),
  stopped_since: maybeInstant('When charging was stopped; null while it goes on, and where it is not armed'),
  channels: z.record(z.string(), channel).describe('The channels that are stopped, or were, by their code'),
  held: maybeCount('Charges that wait for a person; 1000: that many or more; null: unknown', 0),
  held_since: maybeInstant('Since when the oldest of them waits'),
  held_why: z
    .record(z.string(), z.number())
    .meta({ description: 'How many for which hold reason', examples: [{ our_fault: 2 }] }),
  held_shown_by: text('The command that shows them', SHOWS_HELD),
  catalog: z
    .object({
      version: count('In force in this process', 1),
      differs: told(z.boolean(), 'Whether the file is another text than that version', false),
      why: maybeText('What differs, in words', 'catalog.yaml is another text than version 1'),
    })
    .describe('The plans that it bills by'),
  due_charges: maybeCount('Charges that may be attempted now; 10000: that many or more; null: unknown', 0),
};
/** What anybody is told of how charging stands. */
export type ToldStanding = z.infer<z.ZodObject<typeof standing>>;

const ready = {
  ...open,
  summary: 'The process may be sent requests, and charges; answered from one look a second',
  response: {
    200: z.object({ status: told(z.literal('ready'), 'It may be sent charges', 'ready'), ...standing }),
    503: z.object({
      status: told(z.literal('not_ready'), 'It may not, for the reason beside it', 'not_ready'),
      ...standing,
    }),
  },
};
const prometheus = {
  200: {
    description: 'Prometheus text',
    content: { 'text/plain': { schema: z.string().describe('The text format of Prometheus') } },
  },
};
const shown = { tags: ['health'], summary: 'Figures for Prometheus', response: prometheus };

const AWAY = 'the database does not answer';

/** Live: the event loop turns. */
export async function liveRoute(app: FastifyInstance): Promise<void> {
  app.get('/health/live', { schema: live }, async () => ({ status: 'live' }));
}

/** Ready: the database answers, work is scheduled, charging goes on, and we are not on our way out. No call to Xendit. */
export function healthRoutes(ctx: Context, readiness: Readiness) {
  const look = sharedLook(() => overview(ctx));
  const count = sharedLook(() => figures(ctx));
  let told: string | null = null;
  /** Each change is a line of the log, each look is not. */
  const tell = (reason: string | null, facts: object = {}): void => {
    if (reason === told) return;
    told = reason;
    if (reason === null) ctx.log.info('ready again');
    else ctx.log.warn('not ready', { why: reason, ...facts });
  };
  let differing = readiness.catalogDiffers();
  const tellCatalog = (why: string | null): void => {
    if (why === differing) return;
    differing = why;
    if (why === null) ctx.log.info('catalog file is what is in force again');
    else ctx.log.warn('catalog file differs', { why });
  };
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/health/ready', { schema: ready }, async (_request, reply) => {
      const own = readiness.notReady();
      try {
        const seen = await look();
        const reason = whyNotReady(own, seen, seen.channels);
        tell(reason);
        return reply.code(reason === null ? 200 : 503).send(answer(reason, seen));
      } catch (error) {
        tell(own ?? AWAY, errorFacts(error));
        return reply.code(503).send(answer(own ?? AWAY, null));
      }
    });
    app.get('/metrics', { schema: shown }, async (_request, reply) => {
      readiness.showMetrics(await count());
      return reply.type(readiness.metricsType).send(await readiness.metricsText());
    });
  };

  function answer(reason: string | null, seen: Overview | null) {
    const differs = readiness.catalogDiffers();
    tellCatalog(differs);
    return {
      status: reason === null ? ('ready' as const) : ('not_ready' as const),
      // Without a database nothing is charged.
      charging: seen?.charging ?? ('stopped' as const),
      reason: reason ?? seen?.reason ?? null,
      stopped_since: seen?.stoppedSince ?? null,
      channels: seen?.channels ?? {},
      held: seen?.held.count ?? null,
      held_since: seen?.held.since ?? null,
      held_why: seen?.held.reasons ?? {},
      held_shown_by: SHOWS_HELD,
      catalog: { version: ctx.catalog.current.version, differs: differs !== null, why: differs },
      due_charges: seen?.dueCharges ?? null,
    };
  }
}
