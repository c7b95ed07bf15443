import type { FastifyReply } from 'fastify';
import type { Html } from '../../pages/html.ts';
import { themeOf } from './theme.ts';
import { toldBy } from './told.ts';

/**
 * Nothing runs in a page, and nothing comes from elsewhere. `style-src 'self'` refuses style attributes too: geometry stands in
 * attributes of SVG, and everything else in the stylesheet.
 */
export const PAGE_POLICY = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The same as one header, for an answer that no page's route makes. */
export const policyText = Object.entries(PAGE_POLICY)
  .map(([name, values]) => [name, ...values].join(' '))
  .join('; ');

/** Figures of the business, for one person: nobody between keeps them. */
export function sendPage(reply: FastifyReply, status: number, document: Html): FastifyReply {
  toldBy(document, reply.request);
  return reply
    .code(status)
    .header('cache-control', 'private, no-store')
    .type('text/html; charset=utf-8')
    .serializer((text: string) => text)
    .send(inTheme(document, reply));
}

/** On the element of the whole page, so that it is there before anything is drawn. */
function inTheme({ html }: Html, reply: FastifyReply): string {
  const theme = themeOf(reply.request);
  return theme === null ? html : html.replace('<html lang="en">', `<html lang="en" data-theme="${theme}">`);
}
