import type { ShownState } from '../../../../domain/charges/shown-state.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { applyCatalog } from '../../../../flows/edits/apply-catalog.ts';
import { type Diffed, diffCatalog } from '../../../../flows/edits/diff-catalog.ts';
import type { Acted, Deed, Subject, Thing } from '../acts/thing.ts';
import { countText } from '../frame/figures.ts';

type Edit = Subject & { readonly diffed: Diffed };

/** The catalog's file on disk, which may be put in force as its diff was shown. */
export function catalogFile(file: string): Thing<Edit> {
  return {
    base: '/plans',
    one: 'catalog',
    many: 'catalog',
    load: async (ctx) => [subjectOf(await diffCatalog(ctx, { file }))],
    since: async () => [],
    deeds: [applying(file)],
  };
}

function subjectOf(diffed: Diffed): Edit {
  const from = diffed.kind === 'faults' ? '' : ` ${diffed.diff.from_version}`;
  return {
    id: 'house',
    diffed,
    seen: diffed.kind === 'faults' ? '' : diffed.diff.digest,
    asSeen: null,
    name: 'the file on disk',
    path: '/plans',
    money: null,
    now: { word: `Version${from}`, shape: 'paid', tone: 'ok' },
  };
}

function applying(file: string): Deed<Edit> {
  return {
    verb: 'apply',
    word: 'Put it in force',
    saying: (what) => `Put ${what} in force`,
    past: 'Put in force',
    refusal: ({ diffed }) => whyNot(diffed),
    lede: () =>
      'Every daemon works by it within a minute: new subscriptions get its prices, and running ones what their plans say of another price.',
    after: (): ShownState => ({ word: 'The file on disk', shape: 'attempting', tone: 'go' }),
    bounds: ({ diffed }) => boundsOf(diffed),
    untouched:
      'Charges that have fallen due, and whoever keeps their price, stay as they are. What is put in force is exactly what its diff has shown; has anything moved since, nothing is changed.',
    asks: () => [],
    act: async (ctx, { seen: digest }, { actor, reason }): Promise<Acted> => {
      const applied = await applyCatalog(ctx, { source: { file }, digest, actor, reason });
      if (applied.kind === 'applied') return { kind: 'done' };
      if (applied.kind === 'faults') return { kind: 'refused', detail: applied.faults.join('; ') };
      return { kind: 'refused', detail: applied.kind === 'refused' ? applied.detail : IN_FORCE };
    },
    done: () => 'Each daemon works by it within a minute.',
  };
}

const IN_FORCE = 'It is in force already.';

function whyNot(diffed: Diffed): string | null {
  if (diffed.kind === 'faults') return `The file cannot be read: ${diffed.faults[0] ?? ''}`;
  if (diffed.diff.nothing_to_do) return IN_FORCE;
  return diffed.diff.faults.length === 0 ? null : diffed.diff.faults.join('; ');
}

function boundsOf(diffed: Diffed): string {
  if (diffed.kind === 'faults') return '';
  const sums = diffed.diff.totals.map(
    ({ currency, touched, monthly_before: before, monthly_after: after }) =>
      `${countText(touched)} subscriptions: ${moneyText(before, currency)} a month before, ${moneyText(after, currency)} after`,
  );
  return sums.length === 0 ? 'Nobody has a plan yet' : sums.join('; ');
}
