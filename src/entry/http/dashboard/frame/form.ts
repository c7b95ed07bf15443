import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Html, html } from '../../pages/html.ts';

/** As a browser sends a form: text by text, each once. */
export type Form = Readonly<Record<string, string>>;

const MOST_BYTES = 64 * 1_024;

/** Reads forms, and nothing else. A field that stands there twice is read as it stood first. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MOST_BYTES },
    (_request, body, done) => {
      const fields = [...new URLSearchParams(String(body))].reverse();
      done(null, Object.fromEntries(fields));
    },
  );
}

export function formOf(request: FastifyRequest): Form {
  return (request.body ?? {}) as Form;
}

/** What a form sends of a field that was left empty says nothing, and neither do the blanks around what was pasted into one. */
export function withoutEmpty(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  const said = Object.entries(query).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.trim() : value,
  ]);
  return Object.fromEntries(said.filter(([, value]) => value !== ''));
}

export type FormFault = { readonly field: string; readonly message: string };

type Field = {
  readonly id: string;
  readonly label: string;
  readonly type?: 'text' | 'password' | 'search';
  readonly value?: string;
  readonly autocomplete?: string;
  readonly hint?: string;
};

/** A field with its label, what it asks for, and what is wrong with it, in the words of the summary above. */
export function field(
  { id, label, type = 'text', value = '', autocomplete, hint }: Field,
  faults: readonly FormFault[],
): Html {
  const fault = faults.find((one) => one.field === id);
  const described = [hint === undefined ? [] : [`${id}-hint`], fault === undefined ? [] : [`${id}-error`]]
    .flat()
    .join(' ');
  const more = [
    autocomplete === undefined ? html`` : html` autocomplete="${autocomplete}"`,
    described === '' ? html`` : html` aria-describedby="${described}"`,
    fault === undefined ? html`` : html` aria-invalid="true"`,
  ];
  return html`<div class="field"><label for="${id}">${label}</label>
<input id="${id}" name="${id}" type="${type}" value="${value}" autocapitalize="none" spellcheck="false"${more}>
${hint === undefined ? '' : html`<p class="small quiet" id="${id}-hint">${hint}</p>`}
${fault === undefined ? '' : html`<p class="error" id="${id}-error">${fault.message}</p>`}</div>`;
}

/** First in a page whose form was not taken: what is wrong, with the way to each field. */
export function summary(heading: string, faults: readonly FormFault[]): Html {
  const items = faults.map(({ field: id, message }) => html`<li><a href="#${id}">${message}</a></li>`);
  return html`<div class="note bad" role="alert" tabindex="-1" autofocus><div><p><b>${heading}</b></p>${
    items.length === 0 ? '' : html`<ul>${items}</ul>`
  }</div></div>`;
}

/** What shows that a form came from a page of ours. */
export function formToken(token: string): Html {
  return html`<input type="hidden" name="_csrf" value="${token}">`;
}
