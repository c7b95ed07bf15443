import type { FastifyReply } from 'fastify';
import { type Html, html, page } from './html.ts';

/** Sends a page. Nothing may run in it or be loaded by it. */
export function sendPage(reply: FastifyReply, status: number, title: string, body: Html): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'")
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(page(title, body));
}

/** Sends the customer back to the shop, or says how it ended if the shop gave no address. */
export function sendBack(reply: FastifyReply, url: string | undefined, title: string): FastifyReply {
  if (url !== undefined) return reply.redirect(url, 303);
  return sendPage(reply, 200, title, html`<h1>${title}</h1><p>You can close this page.</p>`);
}
