import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../../../context.ts';
import { errorFacts } from '../../../../infra/logger.ts';
import { rarely } from '../../../../infra/rarely.ts';
import { type Html, html } from '../../pages/html.ts';
import { FieldFaults } from '../../validation.ts';
import { bareDocument } from './frame.ts';
import { sendPage } from './send.ts';

type Told = { readonly title: string; readonly text: Html };

/** A page without figures, made of nothing that could fail. */
export function troublePage(reply: FastifyReply, status: number, { title, text }: Told): FastifyReply {
  const body = html`<h1>${title}</h1>${text}<p><a href="/">To the charges</a></p>`;
  return sendPage(reply, status, bareDocument(`Problem: ${title}`, body));
}

type Refused = { readonly who: string; readonly role: string; readonly needed: readonly string[] };

export function notAllowed(reply: FastifyReply, { who, role, needed }: Refused): FastifyReply {
  return troublePage(reply, 403, {
    title: 'This is not for your role',
    text: html`<p>It is for ${needed.join(' or ')}. You are signed in as <b>${who}</b>, ${role}.</p>`,
  });
}

/** At no address of ours: what was asked for may be a reference that somebody holds. */
export function nothingThere(reply: FastifyReply, path: string): FastifyReply {
  const asked = decodeURIComponent(path).split('/').at(-1) ?? '';
  return troublePage(reply, 404, {
    title: 'There is no such page',
    text: html`<p>There is nothing at <code>${path}</code>. If it names something of yours, look for it:</p>${findForm(asked)}`,
  });
}

/** There is such a page, and nothing by this id. */
export function noSuchThing(reply: FastifyReply, what: string, asked: string): FastifyReply {
  return troublePage(reply, 404, {
    title: `There is no ${what} with this id`,
    text: html`<p>Nothing has the id <code>${asked}</code>. Look for what you hold instead:</p>${findForm(asked)}`,
  });
}

function findForm(asked: string): Html {
  return html`<form class="filters" method="get" action="/find" role="search"><div class="field grow"><label for="q">Find</label>
<input id="q" name="q" type="search" value="${asked.slice(0, 255)}" aria-describedby="q-hint"></div><button class="btn">Find</button>
<p class="small quiet" id="q-hint">A reference of yours, a customer, a charge, the reference of an attempt, or a payment of Xendit’s.</p></form>`;
}

/** The one place where errors of pages end. */
export function pageErrors(ctx: Context) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof FieldFaults) return faulty(reply, error);
    const status = error.statusCode ?? 500;
    if (status === 403) return troublePage(reply, 403, STRANGE_FORM);
    if (status < 500)
      return troublePage(reply, status, { title: 'This cannot be read', text: html`<p>${error.message}</p>` });
    const facts = errorFacts(error);
    const cause = `${status} ${String(facts.error_code)} ${String(facts.error_at)}`;
    const { method, routeOptions, id } = request;
    rarely(ctx.log).say('error', cause, 'page failed', {
      method,
      route: routeOptions.url ?? 'none',
      request: id,
      ...facts,
    });
    if (facts.error_code === '57014' || facts.error_code === 'DEADLINE')
      return troublePage(reply.header('retry-after', '5'), 503, tooLong(id));
    if (status === 503) return troublePage(reply.header('retry-after', '5'), 503, away(id));
    return troublePage(reply, 500, broken(id));
  };
}

const STRANGE_FORM = {
  title: 'Nothing was done',
  text: html`<p>This form did not come from a page of ours, or its page is too old. Open the page again and send it from there.</p>`,
};

function faulty(
  reply: FastifyReply,
  { faults, validationContext }: FieldFaults & { validationContext?: string },
): FastifyReply {
  if (validationContext === 'params')
    return troublePage(reply, 404, {
      title: 'There is nothing with this id',
      text: html`<p>It has not the form of an id of ours.</p>`,
    });
  const told = faults.map(({ field, message }) => html`<li><b>${field}</b> ${message}</li>`);
  return troublePage(reply, 400, { title: 'The address asks for what there is not', text: html`<ul>${told}</ul>` });
}

const numbered = (id: string) => html`<p class="quiet">For the log: <code class="id">${id}</code></p>`;

function away(id: string): Told {
  return {
    title: 'The database does not answer',
    text: html`<p>No figure can be shown just now. Charging waits safely until it answers: nothing is lost, and nothing is charged twice.
Look again in a moment.</p>${numbered(id)}`,
  };
}

function tooLong(id: string): Told {
  return {
    title: 'This took longer than 2 seconds',
    text: html`<p>It was broken off, so that reading never slows charging. Narrow what you ask for, or look again.</p>${numbered(id)}`,
  };
}

function broken(id: string): Told {
  return { title: 'This page could not be made', text: html`<p>The fault is ours, and was logged.</p>${numbered(id)}` };
}
