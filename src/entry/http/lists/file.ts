import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Context } from '../../../context.ts';
import type { Column } from '../../../flows/views/files/column.ts';
import { csvText } from '../../../flows/views/files/csv.ts';
import { xlsxBytes } from '../../../flows/views/files/xlsx.ts';
import { MOST_SHEET_ROWS } from '../../../flows/views/files/xlsx-sheet.ts';
import { told } from '../api/fields.ts';
import type { Exports } from '../guard/exports.ts';
import { problem } from '../problem.ts';
import { SEE_ERRORS } from '../see-errors.ts';

const fileFormats = ['csv', 'xlsx'] as const;

/** In a query: as what a list is answered. */
export const listFormat = told(
  z.enum(['json', ...fileFormats], { error: 'must be json, csv or xlsx' }),
  'csv and xlsx are files of the whole list, for spreadsheets; xlsx has typed cells',
  'csv',
).default('json');

/** What a list answers, as JSON or as a file. */
export function listOrFile<T extends z.ZodType>(json: T) {
  return {
    description: 'A page as JSON, or the whole list as a file',
    content: {
      'application/json': { schema: json },
      'text/csv': { schema: z.string().describe('All rows of the list, the names of columns in the first line') },
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
        schema: z.string().describe('The same rows and columns as CSV, in typed cells').meta({ format: 'binary' }),
      },
    },
  };
}

/** What was asked for: it names the file, and stands in it. */
type Question = {
  readonly format: (typeof fileFormats)[number];
  readonly name: string;
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>;
};

/** A list as a file: the question as it was put, and the rows of all of the answer. */
export type ListFile<Row> = Question & {
  readonly columns: readonly Column<Row>[];
  readonly batches: AsyncIterable<readonly Row[]>;
  /** How many rows there are, counted no further than one more than this. */
  readonly count: (most: number) => Promise<number>;
};

const types = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** Sends the whole of a list, never a part: what a sheet cannot hold is refused before it begins, with the ways out. */
export async function sendFile<Row>(
  ctx: Context,
  exported: Exports,
  reply: FastifyReply,
  file: ListFile<Row>,
): Promise<FastifyReply> {
  const { format, columns, batches } = file;
  const rows = format === 'xlsx' ? await file.count(MOST_SHEET_ROWS) : 0;
  if (rows > MOST_SHEET_ROWS) return problem(reply, 400, SEE_ERRORS, [{ field: 'format', message: TOO_MANY }]);
  void reply.header('content-disposition', `attachment; filename="${fileName(file)}"`);
  const chunks = format === 'csv' ? csvText(columns, batches) : xlsxBytes(columns, batches, await aboutOf(ctx, file));
  return exported.send(reply, types[format], chunks);
}

const TOO_MANY =
  `xlsx holds ${MOST_SHEET_ROWS.toLocaleString('en')} rows below its head, and these are more: ask for csv, which has no end, ` +
  'or for less, such as a month.';

/** What was asked for beside the form of the answer; by due date is how a list is sorted anyhow. */
function asked({ query }: Question): readonly (readonly [name: string, value: string])[] {
  const form = new Set(['format', 'cursor', 'limit']);
  return Object.entries(query).flatMap(([name, value]) =>
    value === undefined || form.has(name) || (name === 'sort' && value === 'due_at')
      ? []
      : [[name, String(value)] as const],
  );
}

/** "dueday-charges-due-2026-02-01.csv", "dueday-charge-log-from-2026-02-01-to-2026-02-28.csv": letters that every system takes. */
function fileName(file: Question): string {
  const words = inWords(asked(file)).flat();
  const plain = ['dueday', file.name, ...words].map((word) => word.replace(/[^A-Za-z0-9.]+/g, '-'));
  return `${plain.join('-').replace(/-{2,}/g, '-').slice(0, 120)}.${file.format}`;
}

/** Of a range of days its first and its last; where they are one day, that one alone. */
function inWords(question: ReturnType<typeof asked>): readonly (readonly string[])[] {
  const said = new Map(question);
  return question.map(([name, value]) => {
    const [, of = '', end = ''] = /^(?:(due|paid|next)_)?(from|to)$/.exec(name) ?? [];
    if (end === '') return [name, value];
    const first = said.get(of === '' ? 'from' : `${of}_from`);
    const last = said.get(of === '' ? 'to' : `${of}_to`);
    if (first === last) return end === 'from' ? [of, value] : [];
    if (end === 'from') return [of, 'from', value];
    return first === undefined ? [of, 'until', value] : ['to', value];
  });
}

async function aboutOf(ctx: Context, file: Question) {
  const filter = asked(file).map(([name, value]) => `${name}: ${value}`);
  const { timeZone } = ctx.catalog.current.defaults;
  const now = (await ctx.clock.now())
    .toZonedDateTimeISO(timeZone)
    .toString({ smallestUnit: 'second', timeZoneName: 'never' });
  return [
    ['List', file.name],
    ['Filter', filter.length === 0 ? 'none: everything' : filter.join(', ')],
    ['Time zone', `${timeZone}: dates and times in the rows are there, but for a column that says UTC or ends in Z`],
    ['As of', now],
  ] as const;
}
