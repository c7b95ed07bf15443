import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Form, readCard } from '../pages/card-form.ts';
import { channelsFor } from '../resources/channel.ts';
import { type Submission, submit } from '../resources/saving.ts';
import type { Session } from '../resources/session.ts';
import type { World } from '../world.ts';
import { SCRIPT } from './script.ts';

const HOME = '/components/';

/**
 * What Xendit's browser SDK talks to: a session is opened by its key, from the pages that were named when it was made and from no other.
 * Forms, not JSON: so a browser asks nobody whether it may send them.
 */
export function componentRoutes(app: FastifyInstance, world: World): void {
  app.get(`${HOME}xendit-components.js`, (_request, reply) =>
    reply.header('access-control-allow-origin', '*').type('text/javascript; charset=utf-8').send(SCRIPT),
  );
  app.post(`${HOME}session`, (request, reply) => withKey(world, request, reply, (session) => viewOf(session)));
  app.post(`${HOME}submit`, (request, reply) =>
    withKey(world, request, reply, (session, form) => played(world, session, form)),
  );
}

function withKey(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: (session: Session, form: Form) => object,
): FastifyReply {
  const form = (request.body ?? {}) as Form;
  const origin = request.headers.origin ?? '';
  const session = [...world.sessions.byId.values()].find(({ sdkKey }) => sdkKey !== undefined && sdkKey === form.key);
  reply.header('access-control-allow-origin', origin).header('vary', 'origin').header('cache-control', 'no-store');
  const isNamed = session?.body.components_configuration?.origins.includes(origin) === true;
  if (session === undefined || !isNamed) return reply.code(403).send({ status: 'refused' });
  return reply.send(session.status === 'ACTIVE' ? answer(session, form) : { status: session.status });
}

function viewOf({ status, body }: Session): object {
  const channels = channelsFor(body.country, body.allowed_payment_channels);
  return {
    status,
    amount: body.amount,
    currency: body.currency,
    channels: channels.map(({ code, label, category }) => ({ code, label, card: category === 'CARDS' })),
  };
}

function played(world: World, session: Session, form: Form): object {
  const { country, allowed_payment_channels: allowed } = session.body;
  const channel = channelsFor(country, allowed).find(({ code }) => code === form.channel);
  if (channel === undefined) return { status: 'failed', code: 'INVALID_PAYMENT_CHANNEL' };
  const card = channel.category === 'CARDS' ? readCard(form, world.clock.now()) : undefined;
  if (card !== undefined && 'faults' in card) return { status: 'failed', code: 'INVALID_CARD_DETAILS' };
  const submission: Submission = {
    channel,
    save: form.save === 'yes',
    ...(card && { card }),
    otp: form.otp || undefined,
  };
  const result = submit(world, session, submission);
  return result.kind === 'failed' ? { status: 'failed', code: result.failureCode } : { status: result.kind };
}
