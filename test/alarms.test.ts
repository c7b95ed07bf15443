import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { metrics } from '../src/infra/metrics.ts';

/*
 * What comes with dueday for whoever watches it: alarms for Prometheus and a board for Grafana. An alarm over a name that no longer
 * exists is silent for ever, and looks like all is well.
 */

const read = (name: string) => readFileSync(new URL(`../deploy/${name}`, import.meta.url), 'utf8');

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
};
const { groups } = parse(read('prometheus/dueday-rules.yaml')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

type Panel = {
  readonly title: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
};
const board = JSON.parse(read('grafana/dueday.json')) as { readonly panels: readonly Panel[] };

/** What Prometheus itself makes of a target, beside what the target tells. */
const OF_PROMETHEUS = ['up'];

/** What an expression names, by the grammar of Prometheus; `faults`: where it is none. */
function readExpr(expr: string): {
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly faults: number;
} {
  const [names, labels]: [string[], string[]] = [[], []];
  let faults = 0;
  parser.parse(expr).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) faults += 1;
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') names.push(expr.slice(from, to));
      if (type.name === 'LabelName') labels.push(expr.slice(from, to));
    },
  });
  return { names, labels, faults };
}

/** The names of all series that a daemon shows, after each of them was counted once. */
async function shown(): Promise<ReadonlySet<string>> {
  const ours = metrics();
  ours.attemptSettled('succeeded', 'CARDS');
  ours.decided('paid');
  ours.gatewayCall('payment_requests', 5);
  ours.runEnded();
  ours.show({
    dueCharges: 1,
    oldestDueSeconds: 1,
    inFlight: 1,
    chargingStopped: false,
    disarmed: false,
    channels: { CARDS: { state: 'closed', since: null, why: null, waiting: 0, inUse: true } },
    expectedFinishSeconds: 1,
  });
  return new Set([...(await ours.text()).matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, name = '']) => name));
}

const exprs = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

describe('alarms and board', () => {
  test.each(exprs)('%s is an expression that Prometheus reads, over series that there are', async (_, expr) => {
    const { names, labels, faults } = readExpr(expr);
    expect(faults).toBe(0);
    expect(names.length).toBeGreaterThan(0);
    const there = await shown();
    expect(names.filter((name) => !there.has(name) && !OF_PROMETHEUS.includes(name))).toEqual([]);
    expect(
      labels.filter((label) => !['outcome', 'channel', 'kind', 'endpoint', 'le', 'job', 'instance'].includes(label)),
    ).toEqual([]);
  });

  test.each(rules)(
    '$alert says what is wrong and what a person does about it',
    ({ alert, labels, annotations, ...rule }) => {
      expect(alert).toMatch(/^Dueday[A-Z]/);
      expect(rule.for).toMatch(/^\d+[mh]$/);
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(20);
      expect(annotations.action.split(' ').length).toBeGreaterThan(8);
    },
  );

  test('each alarm has a name of its own, and each series is on the board', async () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const drawn = new Set(board.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => readExpr(expr).names)));
    const base = (name: string) => name.replace(/_(?:bucket|sum|count)$/, '');
    const ours = [...(await shown())].map(base).filter((name) => name.startsWith('dueday_'));
    expect(ours.filter((name) => ![...drawn].map(base).includes(name))).toEqual([]);
  });

  test('the reader of expressions sees a fault and a name that is wrong', () => {
    expect(readExpr('sum(dueday_due_charges').faults).toBeGreaterThan(0);
    expect(readExpr('rate(dueday_x[5m]) > up').names).toEqual(['dueday_x', 'up']);
  });
});
