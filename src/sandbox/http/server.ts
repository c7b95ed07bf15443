import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { Fault, faultBody, invalidFields } from './fault.ts';

const BODY_LIMIT_BYTES = 256 * 1024;

/** An HTTP server that speaks JSON and forms, and answers every fault the way Xendit does. */
export function makeServer(): FastifyInstance {
  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true, logger: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    // Clients send the content type along with an empty body, for instance to cancel.
    if (text === '') return done(null, undefined);
    const body = parseJson(String(text));
    return body instanceof Fault ? done(body) : done(null, body);
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(text)))),
  );
  app.setNotFoundHandler((_request, reply) => answerFault(reply, new Fault(404, 'NOT_FOUND', 'Route not found')));
  app.setErrorHandler((error: FastifyError | Fault, _request, reply) => answerFault(reply, asFault(error)));
  return app;
}

function answerFault(reply: FastifyReply, fault: Fault): FastifyReply {
  return reply.code(fault.status).send(faultBody(fault));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return invalidFields([{ path: '/body', message: 'must be valid JSON' }]);
  }
}

function asFault(error: FastifyError | Fault): Fault {
  if (error instanceof Fault) return error;
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new Fault(error.statusCode, 'API_VALIDATION_ERROR', error.message);
  }
  // A mistake in the sandbox itself: nobody else would see it.
  console.error(error);
  const message = 'An unexpected error occured, our team has been notified and will troubleshoot the issue';
  return new Fault(500, 'SERVER_ERROR', message);
}
