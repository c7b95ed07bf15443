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

// Kept free for documents (RFC 2606, RFC 6761): nobody is there. `.test` is not among them, as shops under development live there.
const EXAMPLE = /(^|\.)(example(\.(com|net|org))?|invalid)\.?$/;

/** Sends the customer back to the shop; says how it ended itself where the shop gave no address, or only an example of one. */
export function sendBack(reply: FastifyReply, address: string | undefined, title: string): FastifyReply {
  const url = URL.parse(address ?? '');
  // As a browser writes it, since a header takes no other letters than ASCII.
  if (url !== null && !EXAMPLE.test(url.hostname)) return reply.redirect(url.href, 303);
  return sendPage(
    reply,
    200,
    title,
    html`<h1>${title}</h1>${address && exampleNote(address)}<p>You can close this page.</p>`,
  );
}

function exampleNote(address: string): Html {
  return html`<p>Xendit would lead the customer to <code>${address}</code> now. That is only an example, where no shop is: give the
address of your own in <code>return_urls</code> of the catalog, or in the request that opens the session.</p>`;
}
