import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { applyCatalog } from '../../../../flows/edits/apply-catalog.ts';
import { diffCatalog } from '../../../../flows/edits/diff-catalog.ts';
import { actorOf } from '../../guard/access.ts';
import { textOf } from '../../json-body.ts';
import { problem } from '../../problem.ts';
import { SEE_ERRORS } from '../../see-errors.ts';
import { told } from '../fields.ts';
import { appliedSchema, applyBody, diffSchema } from './diff-schema.ts';

const NAME = 'catalog.yaml';
/** As much as a catalog may have; as the text of a JSON document it is longer. */
const MOST_BYTES = 1024 * 1024;
const yaml = told(
  z.string().min(1).max(MOST_BYTES),
  'The text of the catalog, as application/yaml',
  'defaults:\n  country: ID\n',
);

/** Edits of the catalog: what one would do, and putting it in force. */
export function catalogEditRoutes(ctx: Context): FastifyPluginAsyncZod {
  return async (app) => {
    const tags = ['catalog'];
    for (const type of ['application/yaml', 'text/yaml'])
      app.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
        textOf(body, request.headers['content-type']),
      );
    app.post(
      '/v1/catalog/diff',
      {
        bodyLimit: MOST_BYTES,
        schema: {
          tags,
          consumes: ['application/yaml'],
          summary: 'What an edit would do to the live subscriptions; changes nothing',
          body: yaml,
          response: { 200: diffSchema },
        },
      },
      async ({ body }, reply) => {
        const diffed = await diffCatalog(ctx, { name: NAME, text: body });
        return diffed.kind === 'faults' ? faulty(reply, diffed.faults) : diffed.diff;
      },
    );
    app.post(
      '/v1/catalog/apply',
      {
        bodyLimit: 2 * MOST_BYTES,
        schema: {
          tags,
          summary: 'Put an edit in force, exactly as its diff has shown it',
          body: applyBody,
          response: { 200: appliedSchema },
        },
      },
      async (request, reply) => {
        const { catalog, digest, reason = null } = request.body;
        const source = { name: NAME, text: catalog };
        const applied = await applyCatalog(ctx, { source, digest, reason, actor: actorOf(request) });
        switch (applied.kind) {
          case 'faults':
            return faulty(reply, applied.faults);
          case 'refused':
            return problem(reply, 409, applied.detail);
          default:
            return { applied: applied.kind === 'applied', version: applied.version };
        }
      },
    );
  };
}

/** Every fault of the text, each with its line and column. */
function faulty(reply: FastifyReply, faults: readonly string[]): FastifyReply {
  return problem(
    reply,
    400,
    SEE_ERRORS,
    faults.map((message) => ({ field: 'catalog', message })),
  );
}
