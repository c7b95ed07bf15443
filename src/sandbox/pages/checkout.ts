import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type CardEntry, cardDetails } from '../resources/card.ts';
import { type Channel, channelsFor } from '../resources/channel.ts';
import { type Submission, submit } from '../resources/saving.ts';
import { findSession, type Session } from '../resources/session.ts';
import type { World } from '../world.ts';
import { type FieldFaults, type Form, readCard } from './card-form.ts';
import { checkoutBody, otpBody } from './checkout-page.ts';
import { html } from './html.ts';
import { sendBack, sendPage } from './reply.ts';

type PageRequest = FastifyRequest<{ Params: { id: string } }>;

/** The hosted checkout page, where `payment_link_url` leads. */
export function checkoutPages(app: FastifyInstance, world: World): void {
  // Cards that wait for their one-time password, by session. In memory only, and gone with the next submission.
  const challenges = new Map<string, Submission>();
  app.get('/pay/:id', (request: PageRequest, reply) =>
    withSession(world, request, reply, (session) => showForm(world, session, reply, {}, {})),
  );
  app.post('/pay/:id', (request: PageRequest, reply) =>
    withSession(world, request, reply, (session) => {
      const form = (request.body ?? {}) as Form;
      if (form.action === 'cancel') return sendBack(reply, session.body.cancel_return_url, 'Canceled');
      const submission = readSubmission(world, session, form);
      if ('faults' in submission) return showForm(world, session, reply, form, submission.faults);
      return play(world, session, reply, form, submission, challenges);
    }),
  );
  app.post('/pay/:id/otp', (request: PageRequest, reply) =>
    withSession(world, request, reply, (session) => {
      const waiting = challenges.get(session.id);
      if (waiting === undefined) return reply.redirect(`/pay/${session.id}`, 303);
      const otp = ((request.body ?? {}) as Form).otp ?? '';
      return play(world, session, reply, {}, { ...waiting, otp: otp.trim() }, challenges);
    }),
  );
}

function withSession(
  world: World,
  request: PageRequest,
  reply: FastifyReply,
  show: (session: Session) => FastifyReply,
): FastifyReply {
  const session = world.sessions.byId.get(request.params.id);
  if (session === undefined || session.body.mode !== 'PAYMENT_LINK') {
    return sendPage(reply, 404, 'Not found', html`<h1>There is nothing here</h1><p>This link is not known.</p>`);
  }
  if (session.status === 'ACTIVE') return show(findSession(world, session.id));
  const status = session.status.toLowerCase();
  return sendPage(reply, 410, 'Link closed', html`<h1>This link is ${status}</h1><p>Ask the shop for a new one.</p>`);
}

function play(
  world: World,
  session: Session,
  reply: FastifyReply,
  form: Form,
  submission: Submission,
  challenges: Map<string, Submission>,
): FastifyReply {
  challenges.delete(session.id);
  const result = submit(world, session, submission);
  if (result.kind === 'completed') return sendBack(reply, session.body.success_return_url, 'Thank you');
  if (result.kind === 'failed') {
    return showForm(world, session, reply, form, {
      form: `That did not work (${result.failureCode}). Please try again.`,
    });
  }
  challenges.set(session.id, submission);
  const masked = submission.card && cardDetails(submission.card, session.body.country).masked_card_number;
  return sendPage(reply, 200, 'Confirm it is you', otpBody(session, masked ?? ''));
}

function showForm(world: World, session: Session, reply: FastifyReply, form: Form, faults: FieldFaults): FastifyReply {
  const status = Object.keys(faults).length === 0 ? 200 : 422;
  const body = checkoutBody(session, channelsOf(session), form, faults, world.clock.now());
  return sendPage(reply, status, 'Checkout', body);
}

function readSubmission(world: World, session: Session, form: Form): Submission | { faults: FieldFaults } {
  const channel = channelsOf(session).find((one) => one.code === form.channel);
  if (channel === undefined) return { faults: { form: 'Choose a payment method.' } };
  const save = form.save === 'yes';
  if (channel.category !== 'CARDS') return { channel, save };
  const card: CardEntry | { faults: FieldFaults } = readCard(form, world.clock.now());
  return 'faults' in card ? card : { channel, card, save };
}

function channelsOf(session: Session): readonly Channel[] {
  return channelsFor(session.body.country, session.body.allowed_payment_channels);
}
