import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TASKS } from './finance-tasks.ts';

/* The ways that finance.test.ts goes stand in docs/finance.md, word by word. */

const doc = readFileSync(new URL('../../docs/finance.md', import.meta.url), 'utf8');

describe('the page for finance', () => {
  test.each(TASKS)(
    '$question stands in docs/finance.md, with each step in its order, and its picture',
    ({ question, steps, name }) => {
      const [, part = ''] = doc.split(`**${question}**`);
      const way = part.split('\n**')[0] ?? '';
      const places = steps.map(({ words }) => way.indexOf(words));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(way).toContain(`(finance/${name}.png)`);
    },
  );
});
