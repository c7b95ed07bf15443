import { createHash } from 'node:crypto';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { currencies } from '../../domain/money/money.ts';
import { crossFaults } from './catalog-checks.ts';
import { couponsFrom } from './catalog-coupons.ts';
import { type FieldFault, schemaFaults } from './catalog-faults.ts';
import { defaultsFrom, plansFrom } from './catalog-plans.ts';
import { catalogSchema } from './catalog-schema.ts';
import { judgements } from './judgement/catalog-judgement.ts';
import type { Judgement } from './judgement/judgement.ts';
import { byPlace, type Place } from './yaml-fault.ts';
import { isBefore, readYaml, type YamlSource } from './yaml-source.ts';

/** One fault; line and column count from 1. `path` is '' when the fault is of the file as a whole. */
export type CatalogFault = Place & { readonly path: string; readonly message: string };

/** Warnings keep nobody from using a catalog, and are told of a new file whether or not it has faults. */
export type CatalogReading =
  | { readonly ok: true; readonly catalog: Catalog; readonly warnings: readonly CatalogFault[] }
  | { readonly ok: false; readonly faults: readonly CatalogFault[]; readonly warnings: readonly CatalogFault[] };

const MOST_BYTES = 1024 * 1024;
const MOST_FAULTS = 100;

// Not a number to YAML: 10.10 would come as 10.1, and 0x10 or 1e5 as something nobody wrote.
const AS_WRITTEN: ReadonlySet<string> = new Set(['amount', ...currencies]);

/**
 * Reads the text of a new catalog. Answers the catalog, with version 0 until it is stored, or its faults (a hundred at most) in the
 * order of the text. The same source always gives the same catalog: it is what is stored, and read again later.
 */
export function readCatalog(source: string, fileName: string): CatalogReading {
  return readAs(source, fileName, judgements);
}

/** Reads a text that was taken once, whatever is judged of new ones today. */
export function readStoredCatalog(source: string, name: string): CatalogReading {
  return readAs(source, name, () => []);
}

function readAs(source: string, fileName: string, judge: (values: unknown) => readonly Judgement[]): CatalogReading {
  const bytes = Buffer.byteLength(source);
  if (bytes > MOST_BYTES) return wholeFault(`${fileName} has ${bytes} bytes; a catalog has at most ${MOST_BYTES}`);
  const yaml = readYaml(source, AS_WRITTEN);
  const written = yaml.faults.map((fault) => ({ ...fault, path: fault.path.join('.') }));
  const found = [...written, ...placed(yaml, fieldFaults(yaml), new Set(written.map(placeText)))];
  const isJudged = yaml.values !== null && yaml.brokenFrom === null && found.length < MOST_FAULTS;
  const judged = isJudged ? judge(yaml.values) : [];
  const bySeverity = (severity: Judgement['severity']) =>
    placed(
      yaml,
      judged.filter((one) => one.severity === severity),
      new Set(written.map(placeText)),
    );
  const faults = inOrder([...found, ...bySeverity('fault')]);
  const warnings = inOrder(bySeverity('warning'));
  if (faults.length > 0) return { ok: false, faults, warnings };
  if (yaml.values === null) return wholeFault(`${fileName} is empty; a catalog has defaults, plans and dunning`);
  const fields = catalogSchema.parse(yaml.values);
  const catalog = {
    version: 0,
    digest: digestOf(source),
    source,
    defaults: defaultsFrom(fields),
    plans: plansFrom(fields),
    coupons: couponsFrom(fields),
  };
  return { ok: true, catalog, warnings };
}

/** What tells one text from another. */
export function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

/** "catalog.yaml:8:24 plans.pro.price.amount: must not be negative": editors and terminals make it a link. */
export function faultLine(file: string, fault: CatalogFault): string {
  const place = `${file}:${fault.line}:${fault.column}`;
  return fault.path === '' ? `${place} ${fault.message}` : `${place} ${fault.path}: ${fault.message}`;
}

function wholeFault(message: string): CatalogReading {
  return { ok: false, faults: [{ line: 1, column: 1, path: '', message }], warnings: [] };
}

/** As they stand in the text. Whoever has a hundred to mend need not hear of the others yet. */
function inOrder(faults: readonly CatalogFault[]): readonly CatalogFault[] {
  const told = faults.slice(0, MOST_FAULTS).toSorted(byPlace);
  const last = told.at(-1);
  if (faults.length <= MOST_FAULTS || last === undefined) return told;
  return [...told, { ...last, path: '', message: `there is more: mend these ${MOST_FAULTS} first` }];
}

/** Where each is, of one more than are told of at most. */
function placed(
  yaml: YamlSource,
  found: Iterable<FieldFault>,
  brokenPlaces: ReadonlySet<string>,
): readonly CatalogFault[] {
  const fields = new Map<string, CatalogFault>();
  for (const field of found) {
    const fault = locate(yaml, field);
    // A shared block is wrong once, however many plans use it; and where YAML itself failed there is nothing to add.
    const once = `${placeText(fault)} ${field.path.at(-1) ?? ''} ${fault.message}`;
    if (!brokenPlaces.has(placeText(fault)) && !fields.has(once)) fields.set(once, fault);
    if (fields.size > MOST_FAULTS) break;
  }
  return [...fields.values()];
}

function* fieldFaults(yaml: YamlSource): Generator<FieldFault> {
  if (yaml.values === null || yaml.values === undefined) return;
  const { brokenFrom } = yaml;
  for (const fault of schemaFaults(catalogSchema, yaml.values)) {
    // After a break the parser guesses, and what is missing or unknown may only have been swallowed.
    const isGuessed = fault.about === 'missing' || fault.about === 'empty';
    if (brokenFrom === null || (!isGuessed && isBefore(brokenFrom)(locate(yaml, fault)))) yield fault;
  }
  if (brokenFrom === null) yield* crossFaults(yaml.values);
}

function locate(yaml: YamlSource, { path, message, about }: FieldFault): CatalogFault {
  return { ...yaml.place(path, about === 'key' ? 'key' : 'value'), path: path.join('.'), message };
}

function placeText({ line, column }: Place): string {
  return `${line}:${column}`;
}
