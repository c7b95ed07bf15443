import { z } from 'zod';
import { reasonText } from '../../api/texts.ts';
import { type Html, html } from '../../pages/html.ts';
import { inOurWords } from '../../validation.ts';
import type { Form, FormFault } from '../frame/form.ts';

/** A field of a form that asks what is to be done, and how. */
export type Asked = {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  /** What it may be, each with its words; left out: a text. */
  readonly choices?: readonly (readonly [value: string, words: string])[];
  /** To be ticked by whoever vouches for it. */
  readonly isTicked?: boolean;
  /** Carried from the page that shows what would happen, and never shown. */
  readonly isKept?: true;
  /** What is read from it; an empty field is undefined. */
  readonly schema: z.ZodType<string | undefined>;
};

export type Given = Readonly<Record<string, string | undefined>>;

/** Why somebody does it; a line that was broken in the field is one line all the same. */
function reasonOf(form: Form): string {
  return (form.reason ?? '').replaceAll(/\s*\r?\n\s*/g, ' ').trim();
}

const TOO_SHORT = 'Write why, in 10 letters or more';

type Read = { readonly given: Given; readonly faults: readonly FormFault[] };

/** What the form says of what is to be done, and what is wrong with it, each at its field. */
export function readAsked(form: Form, asked: readonly Asked[]): Read {
  const read = asked.map(({ id, schema }) => {
    const text = form[id]?.trim() ?? '';
    return [id, z.safeParse(schema, text === '' ? undefined : text, { error: inOurWords })] as const;
  });
  const faults = read.flatMap(([field, { error }]) =>
    error === undefined ? [] : [{ field, message: sentence(labelOf(asked, field), error.issues[0]?.message ?? '') }],
  );
  return { given: Object.fromEntries(read.map(([id, { data }]) => [id, data])), faults };
}

/** The same with why. */
export function readGiven(form: Form, asked: readonly Asked[]): Read & { readonly reason: string } {
  const reason = reasonOf(form);
  const { given, faults } = readAsked(form, asked);
  const { success, error } = reasonText.safeParse(reason);
  if (success) return { given, reason, faults };
  const short = error.issues.some(({ message }) => /at least|too small/i.test(message));
  const message = short ? TOO_SHORT : sentence('The reason', error.issues[0]?.message ?? '');
  return { given, reason, faults: [...faults, { field: 'reason', message }] };
}

function labelOf(asked: readonly Asked[], id: string): string {
  return asked.find((one) => one.id === id)?.label ?? id;
}

/** "must be a date" of a field is a sentence with its label; what is one already stays. */
function sentence(label: string, message: string): string {
  return /^[a-z]/.test(message) ? `${label} ${message}` : message;
}

/** The fields of a form, with what was typed and what is wrong with it. */
export function askedFields(asked: readonly Asked[], typed: Form, faults: readonly FormFault[]): Html {
  return html`${asked.flatMap((one) => (one.isKept === true ? [] : [askedField(one, typed, faults)]))}`;
}

function askedField(one: Asked, typed: Form, faults: readonly FormFault[]): Html {
  const { id, label, hint, choices, isTicked } = one;
  const value = typed[id] ?? one.value ?? '';
  const more = described(id, hint !== undefined, faults);
  const below = html`${hint === undefined ? '' : html`<p class="small quiet" id="${id}-hint">${hint}</p>`}${faultOf(id, faults)}`;
  if (isTicked === true) {
    const ticked = value === 'yes' ? html` checked` : html``;
    return html`<div class="field grow"><p><input type="checkbox" id="${id}" name="${id}" value="yes"${ticked}${more}> <label for="${id}">${label}</label></p>${below}</div>`;
  }
  if (choices !== undefined) {
    const options = choices.map(
      ([choice, words]) => html`<option value="${choice}"${choice === value ? html` selected` : ''}>${words}</option>`,
    );
    return html`<div class="field"><label for="${id}">${label}</label><select id="${id}" name="${id}"${more}>${options}</select>${below}</div>`;
  }
  return html`<div class="field"><label for="${id}">${label}</label><input id="${id}" name="${id}" value="${value}" autocomplete="off"${more}>${below}</div>`;
}

export function reasonField(typed: Form, faults: readonly FormFault[], kept = 'charge log'): Html {
  const more = described('reason', false, faults);
  return html`<div class="field grow"><label for="reason">Reason, kept in the ${kept} for ever</label>
<textarea id="reason" name="reason" rows="2" cols="60" required minlength="10" maxlength="500"${more}>${typed.reason ?? ''}</textarea>${faultOf('reason', faults)}</div>`;
}

function described(id: string, hasHint: boolean, faults: readonly FormFault[]): Html {
  const isFaulty = faults.some(({ field }) => field === id);
  const by = [hasHint ? [`${id}-hint`] : [], isFaulty ? [`${id}-error`] : []].flat().join(' ');
  return html`${isFaulty ? html` aria-invalid="true"` : ''}${by === '' ? '' : html` aria-describedby="${by}"`}`;
}

function faultOf(id: string, faults: readonly FormFault[]): Html {
  const fault = faults.find(({ field }) => field === id);
  return fault === undefined ? html`` : html`<p class="error" id="${id}-error">${fault.message}</p>`;
}
