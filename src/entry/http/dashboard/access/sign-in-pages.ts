import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Proof, type SignedIn, signIn, signInByLink, signOut } from '../../../../flows/access/sign-in.ts';
import { html } from '../../pages/html.ts';
import { sessionCookie } from '../frame/cookie.ts';
import { troublePage } from '../frame/errors.ts';
import { type Form, type FormFault, field, formOf, formToken, summary } from '../frame/form.ts';
import { bareDocument } from '../frame/frame.ts';
import { sendPage } from '../frame/send.ts';
import { comerOf, pathOfOurs, type Visitors } from '../frame/visitors.ts';

const asked = { hide: true, querystring: z.strictObject({ to: z.string().max(2_000).optional() }) };
const linked = { hide: true, params: z.object({ token: z.string().max(100) }) };
const hidden = { hide: true };

type Asking = FastifyRequest<{ Querystring: { to?: string } }>;

/** To come in, by name and password or by a key; by a link that works once; and to go. */
export function signInPages(app: FastifyInstance, visitors: Visitors): void {
  const { ctx } = visitors;
  const cookie = sessionCookie(ctx);

  app.get('/sign-in', { schema: asked }, async (request: Asking, reply) => {
    const to = pathOfOurs(request.query.to);
    if ((await visitors.recognise(request)) !== null) return reply.redirect(to, 303);
    return show(reply, 200, { to, name: '' });
  });

  app.post('/sign-in', { schema: hidden }, async (request, reply) => {
    const form = formOf(request);
    const shown = { to: pathOfOurs(form.to), name: form.name ?? '' };
    const proof = proofOf(form);
    if (proof === null) return show(reply, 422, shown, 'Write your name and password, or a key.');
    const answer = await signIn(ctx, proof, comerOf(request));
    if (answer.kind === 'in') return begin(reply, answer, shown.to);
    if (answer.kind === 'refused') return show(reply, 422, shown, WRONG);
    const again = `Too many tries went wrong. ${waitText(answer.seconds)}`;
    return show(reply.header('retry-after', String(answer.seconds)), 429, shown, again);
  });

  app.get(
    '/sign-in/:token',
    { schema: linked },
    async (request: FastifyRequest<{ Params: { token: string } }>, reply) => {
      const answer = await signInByLink(ctx, request.params.token, comerOf(request));
      if (answer.kind === 'in') return begin(reply, answer, '/');
      const text = html`<p>A link signs in once, within a day of the start that printed it. <a href="/sign-in">Sign in another way.</a></p>`;
      return troublePage(reply, 410, { title: 'This link is used up', text });
    },
  );

  app.post('/sign-out', { schema: hidden }, async (request, reply) => {
    const visitor = await visitors.recognise(request);
    if (visitor !== null) await signOut(ctx, visitor.token, visitor.session, request.ip);
    reply.clearCookie(cookie.name, cookie.options).clearCookie(cookie.formName, cookie.options);
    return reply.redirect('/sign-in', 303);
  });

  /** What forms of before were signed with is gone: nobody who knew it can write one in this session. */
  function begin(reply: FastifyReply, { token }: Extract<SignedIn, { kind: 'in' }>, to: string): FastifyReply {
    reply.clearCookie(cookie.formName, cookie.options);
    reply.setCookie(cookie.name, token, { ...cookie.options, maxAge: cookie.life });
    return reply.redirect(to, 303);
  }

  function proofOf({ name = '', password = '', key = '' }: Form): Proof | null {
    if (key.trim() !== '') return { kind: 'key', key: key.trim(), own: visitors.isOwnKey };
    const isWhole = name.trim().length > 0 && password.length > 0;
    if (!isWhole || password.length > 1_000 || name.length > 200) return null;
    return { kind: 'password', name, password };
  }
}

/** One text for every cause: it does not tell which names there are. */
const WRONG = 'Name and password, or the key, are not right.';

/** "Try again in 4 minutes". */
function waitText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return seconds <= 60 ? `Try again in ${seconds} seconds.` : `Try again in ${minutes} minutes.`;
}

type Shown = { readonly to: string; readonly name: string };

function show(reply: FastifyReply, status: number, { to, name }: Shown, wrong: string | null = null): FastifyReply {
  const faults: readonly FormFault[] = [];
  const onwards =
    to === '/' ? html`` : html`<p class="small quiet">You come to <code>${to.split('?')[0] ?? ''}</code> then.</p>`;
  const body = html`${wrong === null ? '' : summary(wrong, faults)}
<h1>Sign in</h1>${onwards}
<form class="card stacked" method="post" action="/sign-in">${formToken(reply.generateCsrf())}<input type="hidden" name="to" value="${to}">
${field({ id: 'name', label: 'Name', value: name, autocomplete: 'username' }, faults)}
${field({ id: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }, faults)}
<details><summary>Or with a key</summary>${field({ id: 'key', label: 'Key', type: 'password', autocomplete: 'off', hint: 'As “dueday keys create” made one.' }, faults)}</details>
<button class="btn main">Sign in</button></form>
<p class="small quiet">Whoever runs dueday lets people in: <code>dueday users add</code>.</p>`;
  return sendPage(reply, status, bareDocument(wrong === null ? 'Sign in' : 'Problem: not signed in', body));
}
