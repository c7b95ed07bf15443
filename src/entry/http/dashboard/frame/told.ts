import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { answerOf } from '../../../../flows/access/keyed-call.ts';
import { actorOfSession, type Session } from '../../../../flows/access/sign-in.ts';
import { type Html, html } from '../../pages/html.ts';
import { sessionCookie } from './cookie.ts';
import { isId } from './is-id.ts';
import { icon } from './symbols.ts';

/** What came of a deed, as it is told on the page that its doer comes to then. */
export const toldSchema = z.object({
  /** "Voided: sub-1001, cycle 3, IDR 150,000." */
  heading: z.string(),
  /** What is so now. */
  text: z.string(),
  reason: z.string(),
  links: z.array(z.object({ path: z.string(), name: z.string() })),
});
export type Told = z.infer<typeof toldSchema>;

const A_MINUTE = 60;

/** Leads to a page that tells once what came of the deed that is kept under this key. */
export function tellThere(reply: FastifyReply, ctx: Context, once: string, path: string): FastifyReply {
  const cookie = sessionCookie(ctx);
  reply.setCookie(cookie.toldName, once, { ...cookie.options, maxAge: A_MINUTE });
  return reply.redirect(path, 303);
}

/** What is to be told on the page that answers a request, and what takes it from the browser then. */
const untold = new WeakMap<FastifyRequest, { readonly told: Html; readonly forget: () => void }>();

/** What somebody is to be told of what they did just before; null: nothing. */
export async function toldOf(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  session: Session,
): Promise<Html | null> {
  const cookie = sessionCookie(ctx);
  const once = request.cookies[cookie.toldName];
  if (once === undefined || request.method !== 'GET') return null;
  const forget = () => void reply.clearCookie(cookie.toldName, cookie.options);
  const answer = isId(once) ? await answerOf(ctx, actorOfSession(session), once) : null;
  const kept = answer === null ? null : toldSchema.safeParse(JSON.parse(answer));
  if (kept?.success !== true) {
    forget();
    return null;
  }
  const told = note(kept.data);
  untold.set(request, { told, forget });
  return told;
}

/** It is told once: by the first page that shows it, and not by an answer that only leads on. */
export function toldBy(document: Html, request: FastifyRequest): void {
  const waiting = untold.get(request);
  if (waiting !== undefined && document.html.includes(waiting.told.html)) waiting.forget();
}

function note({ heading, text, reason, links }: Told): Html {
  const ways = links.map(({ path, name }) => html` <a href="${path}">${name}</a>`);
  return html`<div class="note ok" role="status" tabindex="-1" autofocus>${icon('paid')}<p><b>${heading}</b> ${text} Reason: “${reason}”.${ways}</p></div>`;
}
