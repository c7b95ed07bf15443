import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { sessionCookie } from '../frame/cookie.ts';
import type { Form } from '../frame/form.ts';

/** Browsers keep no cookie that is longer. */
const MOST = 3_800;
const QUARTER_HOUR = 15 * 60;
const keptSchema = z.object({ path: z.string(), typed: z.record(z.string(), z.string()), isWhole: z.boolean() });

/** What a form carries of ours, and nobody typed. */
const OURS = /^(_csrf|once|seen-)/;

/**
 * The session of somebody who sent a form was over: what they typed stays with their browser, and stands in the form again once they
 * have signed in. Nothing is done by it then: they confirm it anew.
 */
export function keepForm(ctx: Context, reply: FastifyReply, path: string, form: Form): FastifyReply {
  const cookie = sessionCookie(ctx);
  const typed = Object.fromEntries(Object.entries(form).filter(([name]) => !OURS.test(name)));
  const whole = textOf({ path, typed, isWhole: true });
  const { reason = '', from = '' } = typed;
  const part = { reason: reason.slice(0, 500), from: from.slice(0, 500) };
  const kept = whole.length <= MOST ? whole : textOf({ path, typed: part, isWhole: false });
  reply.setCookie(cookie.keptName, kept, { ...cookie.options, maxAge: QUARTER_HOUR });
  return reply.redirect(`/sign-in?${new URLSearchParams({ to: path }).toString()}`, 303);
}

type Kept = {
  readonly typed: Form;
  /** False: more was typed or chosen than a browser keeps. */
  readonly isWhole: boolean;
};

function textOf(kept: Kept & { readonly path: string }): string {
  return Buffer.from(JSON.stringify(kept)).toString('base64url');
}

const NOTHING: Kept = { typed: {}, isWhole: true };

/** What was typed here before the session was over; it is told once. */
export function keptForm(ctx: Context, request: FastifyRequest, reply: FastifyReply, path: string): Kept {
  const cookie = sessionCookie(ctx);
  const text = request.cookies[cookie.keptName];
  if (text === undefined) return NOTHING;
  const kept = keptSchema.safeParse(jsonOf(Buffer.from(text, 'base64url').toString()));
  if (!kept.success || kept.data.path !== path) return NOTHING;
  reply.clearCookie(cookie.keptName, cookie.options);
  return kept.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
