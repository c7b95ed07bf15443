import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CursorFault } from '../../flows/views/cursor.ts';
import { errorFacts, type Log } from '../../infra/logger.ts';
import { rarely } from '../../infra/rarely.ts';
import { count, text } from './api/fields.ts';
import { SEE_ERRORS } from './see-errors.ts';
import { type FieldFault, FieldFaults } from './validation.ts';

/**
 * RFC 9457: what went wrong, with every bad field named. The API description finds it by its id.
 * @public
 */
export const problemSchema = z
  .object({
    type: text('Always about:blank: title and status say what kind it is', 'about:blank'),
    title: text('What went wrong, in general', 'The request has faults'),
    status: count('The HTTP status', 400),
    detail: text('What went wrong here, and the way out', SEE_ERRORS).optional(),
    errors: z
      .array(
        z.object({
          field: text('The field, as you wrote it', 'customer.email'),
          message: text('What is wrong with it', 'must be an e-mail address like siti@example.com'),
        }),
      )
      .describe('Every bad field')
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' });

const AWAY = 'The database does not answer just now: look whether it was done, and send it again if it was not.';

const titles: Readonly<Record<number, string>> = {
  400: 'The request has faults',
  401: 'Who are you?',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not done here',
  409: 'It conflicts with what there is',
  413: 'The body is too large',
  414: 'The address is too long',
  415: 'The body is not JSON',
  422: 'Xendit refused it',
  429: 'Too many requests',
  502: 'Xendit did not answer',
  503: 'Not now',
};

/** Answers with a problem; nothing of an internal error is told. */
export function problem(
  reply: FastifyReply,
  status: number,
  detail: string,
  errors: readonly FieldFault[] = [],
): FastifyReply {
  const body = problemBody(status, detail, errors);
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(body);
}

export function problemBody(status: number, detail: string, errors: readonly FieldFault[] = []) {
  const faults = errors.length > 0 ? { errors: [...errors] } : {};
  return { type: 'about:blank', title: titles[status] ?? 'An error', status, detail, ...faults };
}

/** The one place where errors of requests end. */
export function problemHandler(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof FieldFaults) {
      // What cannot be an id of ours names nothing that there is.
      const status = error.validationContext === 'params' ? 404 : 400;
      return problem(reply, status, SEE_ERRORS, error.faults);
    }
    if (error instanceof CursorFault)
      return problem(reply, 400, error.message, [{ field: 'cursor', message: error.message }]);
    const status = error.statusCode ?? 500;
    if (status < 500) return problem(reply, status, clientFault(error, request.routeOptions.bodyLimit));
    const facts = errorFacts(error);
    const cause = `${status} ${String(facts.error_code)} ${String(facts.error_at)}`;
    const { method, routeOptions } = request;
    rarely(log).say('error', cause, 'request failed', { method, route: routeOptions.url ?? 'none', ...facts });
    if (status === 503) return problem(reply.header('retry-after', 5), 503, AWAY);
    return problem(reply, 500, 'Something went wrong on our side; it was logged.');
  };
}

/**
 * Every bad field of a request whose route has `attachValidation`: those that its schema found, then what else was found
 * of the others. Who sends several wrong should not have to come twice.
 */
export function badFields(request: FastifyRequest, found: readonly FieldFault[]): readonly FieldFault[] {
  const { validationError } = request;
  const bySchema = validationError instanceof FieldFaults ? validationError.faults : [];
  const named = new Set(bySchema.map(({ field }) => field));
  return [...bySchema, ...found.filter(({ field }) => !named.has(field))];
}

function clientFault(error: FastifyError, limit: number): string {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `The body is larger than the ${limit.toLocaleString('en')} bytes that this call takes.`;
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'Send JSON, with content-type: application/json.';
    default:
      return error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY'
        ? 'The body is not valid JSON.'
        : error.message;
  }
}
