import type { FastifyInstance } from 'fastify';
import { afterAll } from 'vitest';
import type { Context, Pages } from '../../src/context.ts';
import { httpServer } from '../../src/entry/http/server.ts';
import { metrics } from '../../src/infra/metrics.ts';

export const adminKey = 'admin-key-of-the-tests';
export const webhookToken = 'callback-token-of-the-tests';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field, as a client would
type Json = any; // oxlint-disable-line typescript/no-explicit-any

export type Answer = { readonly status: number; readonly type: string; readonly text: string; readonly body: Json };

export type Api = {
  readonly app: FastifyInstance;
  get(path: string, key?: string): Promise<Answer>;
  post(path: string, body?: unknown, key?: string): Promise<Answer>;
  delete(path: string, key?: string): Promise<Answer>;
  /** The body as it is, with these headers and no others. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: string,
    headers: Record<string, string>,
  ): Promise<Answer>;
  webhook(body: unknown, headers?: Record<string, string>): Promise<Answer>;
};

type Options = {
  readonly notReady?: () => string | null;
  readonly catalogDiffers?: () => string | null;
  readonly webhookTokens?: readonly string[];
  readonly intake?: Context;
  /** What pages read over; unless said, over the context's own connections, without a snapshot. */
  readonly pages?: Pages;
  readonly catalogFile?: string;
};

/** The HTTP side over a context, asked without a socket. */
export async function apiOver(ctx: Context, options: Options = {}): Promise<Api> {
  const measured = metrics();
  const readiness = {
    notReady: options.notReady ?? (() => null),
    catalogDiffers: options.catalogDiffers ?? (() => null),
    showMetrics: measured.show,
    metricsText: measured.text,
    metricsType: measured.contentType,
  };
  const webhookTokens = options.webhookTokens ?? [webhookToken];
  const app = await httpServer(ctx, {
    bootstrapKey: adminKey,
    charging: ctx,
    pages: options.pages ?? { look: (work) => work(ctx.db) },
    catalogFile: options.catalogFile ?? 'catalog.yaml',
    readiness,
    webhooks: { ctx: options.intake ?? ctx, tokens: webhookTokens },
  });
  afterAll(() => app.close());
  const send: Api['send'] = async (method, url, payload, headers) => {
    const answer = await app.inject({ method, url, headers, ...(payload === '' ? {} : { payload }) });
    const type = String(answer.headers['content-type'] ?? '');
    return { status: answer.statusCode, type, text: answer.body, body: type.includes('json') ? answer.json() : null };
  };
  const json = { 'content-type': 'application/json' };
  return {
    app,
    send,
    get: (path, key = adminKey) => send('GET', path, '', { authorization: `Bearer ${key}` }),
    post: (path, body, key = adminKey) =>
      send('POST', path, body === undefined ? '' : JSON.stringify(body), { ...json, authorization: `Bearer ${key}` }),
    delete: (path, key = adminKey) => send('DELETE', path, '', { authorization: `Bearer ${key}` }),
    webhook: (body, headers = { 'x-callback-token': webhookToken }) =>
      send('POST', '/webhooks/xendit', typeof body === 'string' ? body : JSON.stringify(body), { ...json, ...headers }),
  };
}

/** The fields that a problem names, in alphabetical order. */
export function fieldsOf(answer: Answer): readonly string[] {
  const faults = (answer.body?.errors ?? []) as { field: string }[];
  return [...new Set(faults.map((one) => one.field))].sort();
}
