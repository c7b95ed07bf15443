import { type Html, html } from '../../pages/html.ts';
import type { FormFault } from './form.ts';

/** What stands in the fields of a filter: what was asked, or what was typed and could not be read. */
export type Typed = Readonly<Record<string, string>>;

export type Filters = { readonly typed: Typed; readonly faults: readonly FormFault[] };

/** What is said in an address, as texts by their names; as a list is sorted anyhow need not be said. */
export function typedOf(query: Readonly<Record<string, string | number | undefined>>): Typed {
  const said = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || (name === 'sort' && value === 'due_at') ? [] : [[name, String(value)] as const],
  );
  return Object.fromEntries<string>(said);
}

/** Fields of one form, each with its label, what it was asked for, and what is wrong with that. */
export function filterFields(form: Filters) {
  const { typed } = form;
  const text = (id: string, label: string, size: number, more: Html = html``): Html =>
    labelled(
      form,
      id,
      label,
      html`<input id="${id}" name="${id}" size="${String(size)}" value="${typed[id] ?? ''}"${more}${described(form, id)}>`,
    );
  const select = (id: string, label: string, options: readonly Html[]): Html =>
    labelled(
      form,
      id,
      label,
      html`<select id="${id}" name="${id}"${described(form, id)}>${option('', 'All', typed[id] ?? '')}${options}</select>`,
    );
  return {
    text,
    find: (): Html => text('find', 'Find', 18, html` type="search"`),
    day: (id: string, label: string): Html => text(id, label, 10, DAY),
    /** What was chosen stands among the options, even where it is none of them. */
    choice: (id: string, label: string, options: readonly string[]): Html => {
      const chosen = typed[id] ?? '';
      const all = chosen === '' || options.includes(chosen) ? options : [...options, chosen];
      const shown = all.map((name) => html`<option${name === chosen ? html` selected` : ''}>${name}</option>`);
      return select(id, label, shown);
    },
    yesOrNo: (id: string, label: string): Html =>
      select(id, label, [option('true', 'Yes', typed[id] ?? ''), option('false', 'No', typed[id] ?? '')]),
    /** What the form keeps without showing it. */
    kept: (names: readonly string[]): readonly Html[] =>
      names.flatMap((name) =>
        typed[name] === undefined ? [] : [html`<input type="hidden" name="${name}" value="${typed[name]}">`],
      ),
    /** Open while one of these says something. */
    more: (names: readonly string[], fields: readonly Html[]): Html =>
      html`<details${names.some((name) => typed[name] !== undefined) ? html` open` : ''}><summary>More filters</summary><div class="filters">
${fields}
</div></details>`,
  };
}

const DAY = html` inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}"`;

function labelled({ faults }: Filters, id: string, label: string, input: Html): Html {
  const fault = faults.find(({ field }) => field === id);
  const told = fault === undefined ? '' : html`<p class="error" id="${id}-error">${fault.message}</p>`;
  return html`<div class="field half"><label for="${id}">${label}</label>${input}${told}</div>`;
}

/** What is wrong with it, or how it is written. */
function described({ faults }: Filters, id: string): Html {
  if (faults.some(({ field }) => field === id)) return html` aria-invalid="true" aria-describedby="${id}-error"`;
  return id === 'find' || /(^|_)(from|to)$/.test(id) ? html` aria-describedby="hint"` : html``;
}

function option(value: string, name: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen ? html` selected` : ''}>${name}</option>`;
}

/** Links to the days that are mostly asked for. */
export function dayLinks(
  today: Temporal.PlainDate,
  address: (from: Temporal.PlainDate, to: Temporal.PlainDate) => string,
  allTime: string,
): Html {
  const link = (name: string, from: Temporal.PlainDate, to: Temporal.PlainDate) =>
    html`<a href="${address(from, to)}">${name}</a>`;
  const [first, yesterday] = [today.with({ day: 1 }), today.subtract({ days: 1 })];
  const before = first.subtract({ days: 1 });
  return html`Dates as 2026-12-31: ${link('today', today, today)}, ${link('yesterday', yesterday, yesterday)}, ${link('this month', first, today.with({ day: today.daysInMonth }))}, ${link('last month', before.with({ day: 1 }), before)}, <a href="${allTime}">all time</a>.`;
}
