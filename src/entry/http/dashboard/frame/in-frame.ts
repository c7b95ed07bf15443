import type { FastifyReply } from 'fastify';
import { frame, type Page } from './frame.ts';
import type { House } from './house.ts';
import { sendPage } from './send.ts';
import { visitorOf } from './visitors.ts';

/**
 * The last step of every page of who is signed in: `here` is the entry of the menu that it belongs to, `said` what the page itself knows
 * better of the house. The code that the reply has stays.
 */
export function inFrame(house: () => Promise<House>, here: string) {
  return async (
    reply: FastifyReply,
    page: Page,
    now: Temporal.Instant,
    said: Partial<House> = {},
  ): Promise<FastifyReply> => {
    const { session } = visitorOf(reply.request);
    const place = { house: { ...(await house()), ...said }, session, address: reply.request.url, now, here };
    return sendPage(reply, reply.statusCode, frame(page, place));
  };
}
