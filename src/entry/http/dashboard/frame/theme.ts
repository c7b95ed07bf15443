import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../../../context.ts';
import { type Html, html } from '../../pages/html.ts';
import { sessionCookie } from './cookie.ts';

/** What somebody may have the pages look like, whatever their system looks like. */
const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** It tells nobody anything, and lasts longer than a session: it has a name of its own. */
const NAME = 'dueday-theme';
const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** What was chosen in this browser; null: as the system has it. */
export function themeOf({ cookies }: FastifyRequest): Theme | null {
  const kept = cookies?.[NAME];
  return THEMES.find((theme) => theme === kept) ?? null;
}

/** Keeps what was chosen in this browser; anything else forgets it. */
export function keepTheme(ctx: Context, reply: FastifyReply, chosen: string | undefined): void {
  const { options } = sessionCookie(ctx);
  const theme = THEMES.find((one) => one === chosen);
  if (theme === undefined) reply.clearCookie(NAME, options);
  else reply.setCookie(NAME, theme, { ...options, maxAge: A_YEAR_SECONDS });
}

/** The form that asks for it. */
export function themeForm(request: FastifyRequest, token: Html): Html {
  const now = themeOf(request);
  const choices = (
    [
      [null, 'As my system has it'],
      ['light', 'Light'],
      ['dark', 'Dark'],
    ] as const
  ).map(
    ([theme, words]) => html`<option value="${theme ?? ''}"${theme === now ? html` selected` : ''}>${words}</option>`,
  );
  return html`<section class="card" aria-labelledby="theme-head"><div class="cap"><h2 id="theme-head">Light or dark</h2></div>
<form class="pad stacked" method="post" action="/account/theme">${token}<div class="field"><label for="theme">In this browser</label><select id="theme" name="theme">${choices}</select></div><button class="btn">Keep it so</button></form></section>`;
}
