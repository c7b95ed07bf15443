import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SHORTEST_PASSWORD } from '../../../../flows/access/passwords.ts';
import { changePassword } from '../../../../flows/access/users.ts';
import { type Html, html } from '../../pages/html.ts';
import { type FormFault, field, formOf, formToken, summary } from '../frame/form.ts';
import type { House } from '../frame/house.ts';
import { inFrame } from '../frame/in-frame.ts';
import { keepTheme, themeForm } from '../frame/theme.ts';
import { type Visitors, visitorOf } from '../frame/visitors.ts';

const hidden = { hide: true };

/** Who one is here, another password, and the way out. */
export function accountPage(app: FastifyInstance, { ctx }: Visitors, house: () => Promise<House>): void {
  const send = inFrame(house, '/account');
  app.get('/account', { schema: hidden }, async (request, reply) => await show(request, reply, 200, []));

  app.post('/account', { schema: hidden }, async (request, reply) => {
    const { session, token } = visitorOf(request);
    const { current = '', next = '' } = formOf(request);
    if (session.credential !== 'user') return await show(request, reply, 409, []);
    const wanted = { name: session.who, current, next, address: request.ip, token };
    const fault = await changePassword(ctx, wanted);
    return await show(request, reply, fault === null ? 200 : 422, fault === null ? [] : [fault], fault === null);
  });

  app.post('/account/theme', { schema: hidden }, async (request, reply) => {
    keepTheme(ctx, reply, formOf(request).theme);
    return reply.redirect('/account', 303);
  });

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    faults: readonly FormFault[],
    changed = false,
  ): Promise<FastifyReply> {
    const { session } = visitorOf(request);
    const seen = await house();
    const token = formToken(reply.generateCsrf());
    const page = {
      title: faults.length > 0 ? 'Problem: the password is as it was' : 'Your account',
      heading: session.who,
      lede: html`You are signed in with ${HOW[session.credential]}, in the role <b>${session.role}</b>: ${MAY[session.role]}.
A session ends after 12 hours, or after 2 hours in which nothing was looked at.`,
      above: above(faults, changed),
      body: html`${session.credential === 'user' ? passwordForm(token, session.who, faults) : ''}
${themeForm(request, token)}
<section class="card" aria-labelledby="out"><div class="cap"><h2 id="out">Leave</h2></div>
<form class="pad" method="post" action="/sign-out">${token}<button class="btn">Sign out</button></form></section>`,
    };
    return await send(reply.code(status), page, seen.now, seen);
  }
}

const HOW = {
  user: 'your password',
  key: 'an API key',
  own_key: 'the bootstrap key',
  link: 'the link that the start printed',
} as const;

const MAY = {
  admin: 'you may do everything',
  finance: 'you read the books, and decide about charges',
  product: 'you see subscriptions and charges, and change subscriptions',
} as const;

function above(faults: readonly FormFault[], changed: boolean): Html {
  if (faults.length > 0) return summary('The password is as it was.', faults);
  if (!changed) return html``;
  return html`<div class="note ok" role="status" tabindex="-1" autofocus><p><b>Your password is changed.</b> Every other session of yours has ended.</p></div>`;
}

function passwordForm(token: Html, name: string, faults: readonly FormFault[]): Html {
  return html`<section class="card" aria-labelledby="password"><div class="cap"><h2 id="password">Another password</h2></div>
<form class="pad stacked" method="post" action="/account">${token}<input name="username" autocomplete="username" value="${name}" hidden>
${field({ id: 'current', label: 'Password of today', type: 'password', autocomplete: 'current-password' }, faults)}
${field({ id: 'next', label: 'New password', type: 'password', autocomplete: 'new-password', hint: `At least ${SHORTEST_PASSWORD} characters.` }, faults)}
<button class="btn main">Change the password</button></form></section>`;
}
