import { describe, expect, test } from 'vitest';
import {
  barsOf,
  chart,
  lineOf,
  lineOfTime,
  smallMultiples,
  stackedColumns,
  stackedRow,
} from '../../src/entry/http/dashboard/frame/chart.ts';
import { html } from '../../src/entry/http/pages/html.ts';

/* The pieces of which every chart is made. */

const series = [
  { fill: 'first', name: 'First try' },
  { fill: 'lost', name: 'Lost' },
] as const;
const column = (values: readonly number[], more = {}) => ({
  tick: null,
  title: 'a day',
  href: '/charges',
  values,
  ...more,
});
const numbers = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`<rect [^>]*${name}="([\\d.]+)`, 'g'))].map(([, figure]) => Number(figure));
const moment = (day: number) => Temporal.Instant.from(`2026-12-${String(day).padStart(2, '0')}T00:00:00Z`);

test('every plot stands in percent across, without a viewBox and without styles, and whoever hears the page is spared it', () => {
  const part = { fill: 'first', value: 1, title: 'Paid: 1', href: '/charges' } as const;
  const plots = [
    stackedRow([part], [{ after: 1, text: 'done' }]),
    stackedColumns(series, [column([3, 1], { tick: '1 Dec', label: 'DANA was down' })]),
    smallMultiples([
      { name: 'Cards', figure: '93.8 %', change: '+0.1', plot: lineOf([0.9, 0.95], { from: 0.8, to: 1, line: 0.9 }) },
    ]),
    barsOf([{ value: 2, name: '1' }], 2, 'later'),
    lineOfTime({ from: moment(1), until: moment(5), now: moment(2), marks: [], begins: '1 Dec', ends: '5 Dec' }),
  ].map((plot) => plot.html);
  for (const text of plots) {
    expect(text).not.toMatch(/style=|viewBox/i);
    for (const [, svg = ''] of text.matchAll(/<svg( class="plot"[^>]*)>/g)) expect(svg).toContain('aria-hidden="true"');
    for (const [, x] of text.matchAll(/ (?:x|x1|x2|cx|width)="([^"]+)"/g)) expect(x).toMatch(/^(0|16|\d+(\.\d+)?%)$/);
  }
});

describe('one stacked row', () => {
  const parts = (values: readonly number[]) =>
    values.map((value) => ({ fill: 'first', value, title: String(value), href: '/charges' }) as const);

  test('fills the whole width, and shows what there is one of among many', () => {
    const widths = numbers(stackedRow(parts([999_997, 1, 0, 2]), []).html, 'width');
    expect(widths).toHaveLength(3);
    expect(Math.min(...widths)).toBeGreaterThanOrEqual(0.59);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 1);
  });

  test('marks the end of a part, and has none where there is nothing', () => {
    const { html: text } = stackedRow(parts([1, 3]), [{ after: 1, text: '25 % done', isStrong: true }]);
    expect(text).toContain('<line class="axis" x1="25.00%" x2="25.00%"');
    expect(text).toContain('<text class="strong mid" x="25.00%" y="49">25 % done</text>');
    expect(numbers(stackedRow(parts([0, 0]), []).html, 'width')).toEqual([]);
  });
});

describe('stacked columns', () => {
  test('begin at 0, stand on one another, and keep a round scale of at most three lines above it', () => {
    const { html: text } = stackedColumns(series, [column([11_000, 1_000]), column([0, 500])]);
    expect([...text.matchAll(/<text class="end"[^>]*>([\d,]+)</g)].map(([, told]) => told)).toEqual([
      '0',
      '4,000',
      '8,000',
      '12,000',
    ]);
    expect(numbers(text, 'height')).toEqual([132, 12, 6]);
    expect(numbers(text, 'y')).toEqual([28, 16, 154]);
  });

  test('of nothing have a scale all the same', () => {
    const { html: text } = stackedColumns(series, [column([0, 0])]);
    expect(text).not.toContain('NaN');
    expect(numbers(text, 'y')).toEqual([]);
  });

  test('are links that the keyboard passes by, with what they say; a day that runs is lighter', () => {
    const { html: text } = stackedColumns(series, [column([1, 0], { href: '/charges?a=1&b=2', isRunning: true })]);
    expect(text).toContain('<a href="/charges?a=1&amp;b=2" tabindex="-1" class="running">');
    expect(text).toContain('<title>a day</title>');
  });
});

test('a line has a gap where nothing was measured, and ends with a dot at the newest measure', () => {
  const { html: text } = lineOf([1, 0.9, null, 0.95, null], { from: 0.8, to: 1, line: 0.9 });
  expect(text.match(/class="l-first"/g)).toHaveLength(1);
  expect(text).toContain('<circle class="f-first" cx="70.50%"');
});

test('a line of time keeps what lies outside of it at its ends', () => {
  const marks = [{ at: moment(9), shape: 'paid', tone: 'ok' } as const];
  const { html: text } = lineOfTime({ from: moment(1), until: moment(5), now: moment(3), marks, begins: '', ends: '' });
  expect(text).toContain('<svg x="96.00%"');
  expect(text).toContain('<line class="now" x1="49.00%" x2="49.00%"');
});

test('a chart says its finding, and has its figures as a table that opens', () => {
  const { html: text } = chart({
    series,
    plot: html`<svg></svg>`,
    finding: 'Most days collect all.',
    summary: 'The same as a table, 1 day',
    table: { caption: 'By day', heads: ['Day', 'First try'], rows: [[html`<a href="/x">1 Dec</a>`, '12']] },
  });
  expect(text).toContain('<figcaption class="vh">Most days collect all.</figcaption>');
  expect(text).toMatch(
    /<details><summary>The same as a table, 1 day<\/summary>.*<caption class="vh">By day<\/caption>/s,
  );
  expect(text).toContain('<th scope="row" class="nw"><a href="/x">1 Dec</a></th><td class="n">12</td>');
});
