import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import type { Offered } from '../../../flows/paying/offer.ts';
import { type PayPage, payPage } from '../../../flows/paying/pay-page.ts';
import { payThrough } from '../../../flows/paying/pay-through.ts';
import { errorFacts } from '../../../infra/logger.ts';
import { rarely } from '../../../infra/rarely.ts';
import { type Html, html, page, policy } from './html.ts';

type PageRequest = FastifyRequest<{ Params: { token: string } }>;

/** Whoever mails a link may add to its address what counts their readers. */
const schema = { hide: true, params: z.object({ token: z.string() }), querystring: z.looseObject({}) };
/** A person tries again by hand. */
const A_MINUTE = 60;

/**
 * The customer's page behind a link to pay by hand: what is owed, and one button. Looking at it makes nothing; the button leads to
 * Xendit's page.
 */
export function payPages(ctx: Context) {
  return async (app: FastifyInstance): Promise<void> => {
    // What a browser sends with a form that has a button and nothing else.
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, _body, done) => {
      done(null, undefined);
    });
    app.setErrorHandler((error: FastifyError, request, reply) => sorry(ctx, error, request, reply));
    app.get('/pay/:token', { schema }, async (request: PageRequest, reply) => {
      const behind = await payPage(ctx, request.params.token);
      return behind.kind === 'owed' ? send(ctx, reply, 200, owed(behind)) : refused(ctx, reply, behind);
    });
    app.post('/pay/:token', { schema }, async (request: PageRequest, reply) => {
      const offered = await payThrough(ctx, request.params.token);
      const url = offered.kind === 'open' ? offered.session.paymentLinkUrl : null;
      if (url !== null) return reply.redirect(url, 303);
      return refused(ctx, reply, offered.kind === 'open' ? NOWHERE : offered);
    });
  };
}

/** Xendit opened a session and told no address of it. */
const NOWHERE = { kind: 'unavailable', why: 'the session has no address', retryAfterSeconds: null } as const;

function owed({ amount, currency, plan, period, reference, until }: Extract<PayPage, { kind: 'owed' }>): Told {
  const sum = `${currency} ${grouped(amount)}`;
  return {
    title: `Pay ${sum}`,
    body: html`<h1>Pay ${sum}</h1>
<p>This payment is open.</p>
<dl><dt>For</dt><dd>${plan}</dd>
<dt>Period</dt><dd>${dayText(period.start)} to ${dayText(period.end)}</dd>
<dt>Reference</dt><dd>${reference}</dd>
<dt>Good until</dt><dd>${dayText(until.slice(0, 10))}, ${until.slice(11, 16)}</dd></dl>
<form method="post"><button>Pay ${sum}</button></form>
<p class="soft">You pay on Xendit’s page, where you choose how. Nothing is charged before you confirm it there.</p>`,
  };
}

type Told = { readonly title: string; readonly body: Html };

function told(title: string, text: string): Told {
  return { title, body: html`<h1>${title}</h1><p>${text}</p>` };
}

const UNKNOWN = told('There is no such payment', 'Look whether the address is whole, or ask for a new link.');
const PAID = told('This payment is done', 'It is paid, and there is nothing left to do.');
const FORGIVEN = told('This payment is no longer needed', 'It is not owed any more, and there is nothing left to do.');
const ENDED = told('This link has ended', 'Ask for a new link, and pay there.');
const OVER = { paid: PAID, void: FORGIVEN, ended: ENDED } as const;
const NOT_NOW = told(
  'It cannot be paid just now',
  'A payment of it may be under way, and you are not to pay twice. Come back later; if it is still open then, you can pay here.',
);
const AWAY = told('The payment page cannot be reached', 'Nothing was charged. Try again in a minute.');

/** What follows for the customer, in their words; why is for the log and the ledger. */
function refused(
  ctx: Context,
  reply: FastifyReply,
  said: Exclude<PayPage, { kind: 'owed' }> | Exclude<Offered, { kind: 'open' }>,
): FastifyReply {
  switch (said.kind) {
    case 'not_found':
      return send(ctx, reply, 404, UNKNOWN);
    case 'over':
      return send(ctx, reply, 410, OVER[said.as]);
    case 'now':
      return send(ctx, reply, 409, NOT_NOW);
    case 'unavailable':
      ctx.log.warn('customer could not be led to pay', { why: said.why });
      return send(ctx, reply.header('retry-after', String(said.retryAfterSeconds ?? A_MINUTE)), 503, AWAY);
  }
}

function sorry(ctx: Context, error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500) return send(ctx, reply, status, UNKNOWN);
  const facts = errorFacts(error);
  const cause = `${status} ${String(facts.error_code)} ${String(facts.error_at)}`;
  rarely(ctx.log).say('error', cause, 'request failed', { method: request.method, route: '/pay/:token', ...facts });
  return send(ctx, reply.header('retry-after', String(A_MINUTE)), 503, AWAY);
}

function send(ctx: Context, reply: FastifyReply, status: number, { title, body }: Told): FastifyReply {
  const leadsTo = ctx.key.mode === 'sandbox' ? "'self' https: http://127.0.0.1:*" : "'self' https:";
  return reply
    .code(status)
    .header('content-security-policy', policy(leadsTo))
    .type('text/html; charset=utf-8')
    .serializer((text: string) => text)
    .send(page(title, body));
}

/** 150000.00 as people read it: 150,000.00. */
function grouped(amount: string): string {
  const [whole = '', fraction] = amount.split('.');
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, ','), ...(fraction === undefined ? [] : [fraction])].join('.');
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** 2026-01-31 as 31 January 2026. */
function dayText(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}
