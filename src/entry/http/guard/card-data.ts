import type { FastifyInstance } from 'fastify';
import { holdsCardNumber, isOfACard } from '../../../domain/methods/card-number.ts';
import { problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';
import type { FieldFault } from '../validation.ts';

const WAY_OUT = 'the customer types a card into a session of Xendit’s, and dueday never sees it';
const NO_DETAILS = `is for raw card data, which is refused unread: ${WAY_OUT}`;
const NO_NUMBER = `holds what reads as the number of a card, which is refused: ${WAY_OUT}`;

/** Refuses each body of the API that has raw card data anywhere, before it is looked at, kept for its Idempotency-Key, or passed on. */
export function refuseCards(app: FastifyInstance): void {
  app.addHook('preValidation', async (request, reply) => {
    if (!request.url.startsWith('/v1/')) return undefined;
    const faults = cardFaults(request.body);
    return faults.length === 0 ? undefined : problem(reply, 400, SEE_ERRORS, faults);
  });
}

/** The fields of a body that have card data, by their place; a name that is a number itself is not repeated. */
function cardFaults(body: unknown, place: readonly string[] = []): readonly FieldFault[] {
  const field = place.length === 0 ? 'body' : place.join('.');
  if (typeof body === 'string' || typeof body === 'number')
    return holdsCardNumber(String(body)) ? [{ field, message: NO_NUMBER }] : [];
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]: readonly [string, unknown]) => {
    if (holdsCardNumber(name)) return [{ field, message: NO_NUMBER }];
    const within = [...place, name];
    return isOfACard(name) ? [{ field: within.join('.'), message: NO_DETAILS }] : cardFaults(value, within);
  });
}
