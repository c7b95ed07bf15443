import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answerOf } from '../../../../flows/access/keyed-call.ts';
import { actorOfSession } from '../../../../flows/access/sign-in.ts';
import { mayOpen } from '../../calls.ts';
import { actPage, asFormHasIt, seenIn } from '../acts/act-page.ts';
import type { Acting } from '../acts/act-routes.ts';
import { readGiven } from '../acts/asked.ts';
import { CHARGES, type Charge } from '../acts/charge-things.ts';
import { takeOnce } from '../acts/decide.ts';
import { keepForm, keptForm } from '../acts/kept-form.ts';
import { decideMany, resultsSchema } from '../acts/many.ts';
import type { Deed } from '../acts/thing.ts';
import { noSuchThing, notAllowed } from '../frame/errors.ts';
import { type Form, formOf } from '../frame/form.ts';
import type { Page } from '../frame/frame.ts';
import { inFrame } from '../frame/in-frame.ts';
import { isId } from '../frame/is-id.ts';
import { pathOfOurs, visitorIn, visitorOf } from '../frame/visitors.ts';
import { choosePage, chosenField, nothingChosen, resultsPage } from './decide-page.ts';

const hidden = { hide: true };
const decided = { hide: true, params: z.object({ once: z.string().max(100) }) };
const DECIDE = '/queue/decide';
const MOST = 500;

/** Several charges at once: what is to be done, what would happen to each, and what came of each. */
export function decidePages(app: FastifyInstance, { ctx, pages, house }: Acting): void {
  const inQueue = inFrame(house, '/queue');

  app.get(DECIDE, { schema: hidden }, async (request, reply) => {
    const { typed, isWhole } = keptForm(ctx, request, reply, DECIDE);
    if (!isWhole) return await send(reply, 422, nothingChosen(notKept(typed), pathOfOurs(typed.from ?? '/queue')));
    return chosenIn(typed).length === 0 ? reply.redirect('/queue', 303) : await ask(request, reply, typed);
  });

  app.post(DECIDE, { schema: hidden }, async (request, reply) => {
    const form = formOf(request);
    if (visitorIn(request) === null) return keepForm(ctx, reply, DECIDE, form);
    return await ask(request, reply, form);
  });

  app.get('/queue/decided/:once', { schema: decided }, async (request: Decided, reply) => {
    const { session } = visitorOf(request);
    const { once } = request.params;
    const kept = isId(once) ? await answerOf(ctx, actorOfSession(session), once) : null;
    const results = kept === null ? null : resultsSchema.safeParse(JSON.parse(kept));
    if (results?.success !== true) return noSuchThing(reply, 'decision', once);
    return await send(reply, 200, resultsPage(results.data));
  });

  async function ask(request: FastifyRequest, reply: FastifyReply, form: Form): Promise<FastifyReply> {
    const from = form.from === undefined ? '/queue' : pathOfOurs(form.from);
    const ids = chosenIn(form);
    if (ids.length === 0) return await send(reply, 422, nothingChosen(NONE, from));
    if (ids.length > MOST) return await send(reply, 422, nothingChosen(TOO_MANY, from));
    const subjects = await pages.look((db) => CHARGES.load({ ...ctx, db }, ids));
    const { session } = visitorOf(request);
    const deed = CHARGES.deeds.find(({ verb }) => verb === form.verb);
    if (deed === undefined) {
      const page = choosePage({ subjects, session, from, csrf: reply.generateCsrf() });
      return await send(reply, 200, page);
    }
    if (!mayOpen(session.role, `${CHARGES.base}/${deed.verb}`))
      return notAllowed(reply, { who: session.who, role: session.role, needed: ['admin', 'finance'] });
    const isConfirmed = form.confirmed === 'yes' && request.method === 'POST';
    return isConfirmed
      ? await act(request, reply, { deed, subjects, form, from })
      : await show(reply, { deed, subjects, form, from });
  }

  async function act(request: FastifyRequest, reply: FastifyReply, asked: Asking): Promise<FastifyReply> {
    const { deed, subjects, form } = asked;
    const { session } = visitorOf(request);
    const seen = seenIn(form);
    const allowed = subjects.filter((one) => seen.has(one.id));
    const left = subjects
      .filter((one) => !seen.has(one.id))
      .map((subject) => ({
        subject,
        why: deed.refusal(subject, actorOfSession(session)) ?? 'It could not be done when the page was made.',
      }));
    const { given, reason, faults } = readGiven(form, deed.asks(allowed));
    if (faults.length > 0) return await show(reply, { ...asked, faults });
    const taken = await takeOnce(ctx, actorOfSession(session), form.once ?? '', DECIDE);
    if (taken.kind === 'at_work')
      return await show(reply.header('retry-after', '5'), {
        ...asked,
        subjects: subjects.map((one) => asFormHasIt(one, form)),
        once: form.once,
      });
    if (taken.kind === 'ours')
      await taken.once(async () => {
        const by = { session, address: request.ip, reason, given };
        const kept = await decideMany(ctx, CHARGES, deed, { subjects: allowed, left, seen, by });
        return { answer: null, kept };
      });
    return reply.redirect(`/queue/decided/${taken.key}`, 303);
  }

  async function show(reply: FastifyReply, asked: Asking): Promise<FastifyReply> {
    const { deed, subjects, form, from, faults = [], once = ctx.newId(0) } = asked;
    const actor = actorOfSession(visitorOf(reply.request).session);
    const left = subjects.flatMap((subject) => {
      const why = deed.refusal(subject, actor);
      return why === null ? [] : [{ subject, why }];
    });
    const page = actPage({
      thing: CHARGES,
      deed,
      subjects: subjects.filter((one) => deed.refusal(one, actor) === null),
      left,
      moved: [],
      worked: null,
      faults,
      typed: form,
      action: DECIDE,
      carried: [
        ['verb', deed.verb],
        ['confirmed', 'yes'],
        ...subjects.map(({ id }) => [chosenField(id), 'yes'] as const),
      ],
      from,
      csrf: reply.generateCsrf(),
      once,
      now: await ctx.clock.now(),
      zone: (await house()).zone,
    });
    return await send(reply, statusOf(asked), page);
  }

  async function send(reply: FastifyReply, status: number, page: Page): Promise<FastifyReply> {
    return await inQueue(reply.code(status), page, await ctx.clock.now());
  }
}

type Decided = FastifyRequest<{ Params: { once: string } }>;
type Asking = {
  readonly deed: Deed<Charge>;
  readonly subjects: readonly Charge[];
  readonly form: Form;
  readonly from: string;
  readonly faults?: readonly { readonly field: string; readonly message: string }[];
  /** The token of a form that is still at work. */
  readonly once?: string | undefined;
};

function statusOf({ faults = [], once }: Asking): number {
  if (once !== undefined) return 503;
  return faults.length > 0 ? 422 : 200;
}

const NONE = 'No charge was chosen: tick those that you decide about.';
const notKept = ({ reason = '' }: Form) =>
  `Nothing was done, and what you chose is lost: it was too long to be kept while you signed in. Choose again.${reason === '' ? '' : ` You wrote: “${reason}”.`}`;
const TOO_MANY = `At most ${MOST} charges are decided about at once.`;

function chosenIn(form: Form): readonly string[] {
  return Object.keys(form).flatMap((name) => {
    const id = /^charge-(.*)$/.exec(name)?.[1] ?? '';
    return isId(id) ? [id] : [];
  });
}
