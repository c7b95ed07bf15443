import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context, Pages } from '../../../../context.ts';
import { actorOfSession } from '../../../../flows/access/sign-in.ts';
import { noSuchThing } from '../frame/errors.ts';
import { type Form, formOf } from '../frame/form.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { isId } from '../frame/is-id.ts';
import { tellThere } from '../frame/told.ts';
import { pathOfOurs, visitorIn, visitorOf } from '../frame/visitors.ts';
import { actPage, asFormHasIt, type Deciding, seenIn } from './act-page.ts';
import { readAsked, readGiven } from './asked.ts';
import { type Decided, decide, takeOnce } from './decide.ts';
import { keepForm, keptForm } from './kept-form.ts';
import type { Deed, Subject, Thing } from './thing.ts';

export type Acting = { readonly ctx: Context; readonly pages: Pages; readonly house: () => Promise<House> };

const asked = {
  hide: true,
  params: z.object({ id: z.string().max(100).optional() }),
  querystring: z.strictObject({ from: z.string().max(2_000).optional() }),
};
const sent = { hide: true, params: z.object({ id: z.string().max(100).optional() }) };

type Asking = FastifyRequest<{ Params: { id?: string }; Querystring: { from?: string } }>;
type Sending = FastifyRequest<{ Params: { id?: string } }>;

const NOT_WHOLE = {
  field: 'reason',
  message: 'The form was too long to be kept while you signed in: write again what is missing',
};

/** What has no id of its own: there is one of it. */
const HOUSE = 'house';
/** A page for each thing that may be done by hand: it shows what would happen, asks why, and does it once. */
export function actPages<S extends Subject>(app: FastifyInstance, acting: Acting, thing: Thing<S>): void {
  for (const deed of thing.deeds) {
    const path = `${thing.base}/${deed.verb}`;
    app.get(path, { schema: asked }, async (request: Asking, reply) => await ask(request, reply, deed));
    app.post(path, { schema: sent }, async (request: Sending, reply) => await answer(request, reply, deed));
  }
  const { ctx, pages, house } = acting;
  const send = inFrame(house, `/${thing.base.split('/')[1] ?? ''}`);

  const find = async (id: string = HOUSE): Promise<S | undefined> =>
    id === HOUSE || (thing.isId ?? isId)(id)
      ? (await pages.look((db) => thing.load({ ...ctx, db }, [id])))[0]
      : undefined;

  async function ask(request: Asking, reply: FastifyReply, deed: Deed<S>): Promise<FastifyReply> {
    const subject = await find(request.params.id);
    if (subject === undefined) return noSuchThing(reply, thing.one, request.params.id ?? '');
    const { typed, isWhole } = keptForm(ctx, request, reply, pathOf(request));
    const from = backTo(request.query.from ?? typed.from, subject);
    return await show(request, reply, 200, { deed, subject, typed, from, faults: isWhole ? [] : [NOT_WHOLE] });
  }

  async function answer(request: Sending, reply: FastifyReply, deed: Deed<S>): Promise<FastifyReply> {
    const form = formOf(request);
    const visitor = visitorIn(request);
    if (visitor === null) return keepForm(ctx, reply, pathOf(request), form);
    const subject = await find(request.params.id);
    if (subject === undefined) return noSuchThing(reply, thing.one, request.params.id ?? '');
    const from = backTo(form.from, subject);
    const shown = { deed, subject, typed: form, from };
    if (deed.workedOut !== undefined && form.confirmed !== 'yes') return await workOut(request, reply, 200, shown);
    const { given, reason, faults } = readGiven(form, deed.asks([subject]));
    if (faults.length > 0) return await workOut(request, reply, 422, { ...shown, faults });
    const by = { session: visitor.session, address: request.ip, reason, given };
    const taken = await takeOnce(ctx, actorOfSession(visitor.session), form.once ?? '', pathOf(request));
    if (taken.kind === 'known') return tellThere(reply, ctx, taken.key, from);
    if (taken.kind === 'at_work')
      return await workOut(request, reply.header('retry-after', '5'), 503, {
        ...shown,
        subject: asFormHasIt(subject, form),
        once: form.once,
      });
    const decided = await taken.once(async () => {
      const one = await decide(ctx, thing, deed, { subject, seen: seenIn(form).get(subject.id), by });
      return { answer: one, kept: one.kind === 'done' ? one.told : null };
    });
    if (decided.kind === 'done') return tellThere(reply, ctx, taken.key, from);
    return await refused(request, reply, { ...shown, decided });
  }

  /** The page that asks for the reason, with what would happen as it was asked for; or what is wrong with that. */
  async function workOut(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    shown: Shown<S>,
  ): Promise<FastifyReply> {
    const { deed, subject, typed } = shown;
    if (deed.workedOut === undefined) return await show(request, reply, status, shown);
    const asks = deed.asks([subject]);
    const { given, faults } = readAsked(typed, asks);
    if (faults.length > 0) return await show(request, reply, 422, { ...shown, faults });
    const seen = seenIn(typed).get(subject.id);
    if (seen !== subject.seen) {
      const since = await thing.since(ctx, subject, seen ?? subject.seen);
      return await show(request, reply, 409, { ...shown, since });
    }
    const actor = actorOfSession(visitorOf(request).session);
    if (deed.refusal(subject, actor) !== null) return await show(request, reply, 409, shown);
    const worked = await deed.workedOut(ctx, subject, { actor, given });
    if (worked.kind === 'shown') return await show(request, reply, status, { ...shown, worked });
    const field = asks[0]?.id ?? 'reason';
    const wrong = worked.kind === 'invalid' ? worked.faults : [{ field, message: worked.detail }];
    return await show(request, reply, 422, { ...shown, faults: wrong });
  }

  /** Nothing was done: the page is shown again as things stand now, with what was typed. */
  async function refused(
    request: FastifyRequest,
    reply: FastifyReply,
    { decided, ...shown }: Shown<S> & { readonly decided: Exclude<Decided<S>, { kind: 'done' }> },
  ): Promise<FastifyReply> {
    if (decided.kind === 'invalid') return await show(request, reply, 422, { ...shown, faults: decided.faults });
    const subject = (await find(shown.subject.id)) ?? shown.subject;
    if (decided.kind === 'moved') return await show(request, reply, 409, { ...shown, subject, since: decided.since });
    return await show(request, reply, 409, { ...shown, subject, why: decided.detail });
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    { deed, subject, typed, from, worked = null, faults = [], since = null, why = null, once = ctx.newId(0) }: Shown<S>,
  ): Promise<FastifyReply> {
    const seen = await house();
    const now = await ctx.clock.now();
    const refusal = deed.refusal(subject, actorOfSession(visitorOf(request).session)) ?? why;
    const page: Deciding<S> = {
      thing,
      deed,
      subjects: refusal === null ? [subject] : [],
      left: refusal === null ? [] : [{ subject, why: refusal }],
      moved: since === null ? [] : [{ subject, since }],
      worked,
      faults,
      typed,
      action: pathOf(request),
      carried: [],
      from,
      csrf: reply.generateCsrf(),
      once,
      now,
      zone: seen.zone,
    };
    return await send(reply.code(refusal !== null && status === 200 ? 409 : status), actPage(page), now, seen);
  }
}

type Shown<S extends Subject> = {
  readonly deed: Deed<S>;
  readonly subject: S;
  readonly typed: Form;
  readonly from: string;
  readonly worked?: Deciding<S>['worked'];
  readonly faults?: Deciding<S>['faults'];
  /** What happened since its page was looked at. */
  readonly since?: Deciding<S>['moved'][number]['since'] | null;
  /** Why it was refused just now. */
  readonly why?: string | null;
  /** The token of a form that is still at work. */
  readonly once?: string | undefined;
};

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? '';
}

function backTo(from: string | undefined, { path }: Subject): string {
  return from === undefined || from === '' ? path : pathOfOurs(from);
}
