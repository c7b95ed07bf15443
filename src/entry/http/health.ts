import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { overview } from '../../flows/reporting/overview.ts';
import { errorFacts } from '../../infra/logger.ts';

export type Readiness = {
  /** Why this process should get no requests; null when it may. Asked at every look. */
  readonly notReady: () => string | null;
  readonly showMetrics: (facts: Awaited<ReturnType<typeof overview>>) => void;
  readonly metricsText: () => Promise<string>;
  readonly metricsType: string;
};

const open = { tags: ['health'], security: [] };
const live = { ...open, summary: 'The process is alive', response: { 200: z.object({ status: z.literal('live') }) } };
const ready = {
  ...open,
  summary: 'The process may be sent requests',
  response: {
    200: z.object({
      status: z.literal('ready'),
      charging: z.enum(['on', 'stopped']),
      reason: z.string().nullable(),
      due_charges: z.number(),
    }),
    503: z.object({ status: z.literal('not_ready'), reason: z.string() }),
  },
};
const figures = { 200: { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } } };
const shown = { tags: ['health'], summary: 'Figures for Prometheus', response: figures };

/** Whoever asks after our health waits no longer, and takes no answer for a bad one. */
const PATIENCE_MS = 3_000;

/** Live: the event loop turns. */
export async function liveRoute(app: FastifyInstance): Promise<void> {
  app.get('/health/live', { schema: live }, async () => ({ status: 'live' }));
}

/** Ready: the database answers and we are not on our way out. No call to Xendit. */
export function healthRoutes(ctx: Context, readiness: Readiness) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/health/ready', { schema: ready }, async (_request, reply) => {
      const reason = readiness.notReady();
      if (reason !== null) return reply.code(503).send({ status: 'not_ready', reason });
      try {
        const state = await soon(overview(ctx));
        const charging = state.chargingStopped ? 'stopped' : 'on';
        return { status: 'ready', charging, reason: state.stopReason, due_charges: state.dueCharges };
      } catch (error) {
        ctx.log.warn('not ready', errorFacts(error));
        return reply.code(503).send({ status: 'not_ready', reason: 'the database does not answer' });
      }
    });
    app.get('/metrics', { schema: shown }, async (_request, reply) => {
      readiness.showMetrics(await soon(overview(ctx)));
      return reply.type(readiness.metricsType).send(await readiness.metricsText());
    });
  };
}

async function soon<T>(answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = pause(PATIENCE_MS, undefined, { signal: answered.signal }).then(
    () => Promise.reject(Object.assign(new Error('the database did not answer in time'), { statusCode: 503 })),
    () => answer,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
