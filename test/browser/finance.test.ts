import { afterAll, describe, expect, test } from 'vitest';
import { migratedDatabase } from '../support/database.ts';
import { browser, place } from './chromium.ts';
import { signIn, TASKS, walk } from './finance-tasks.ts';
import { seededPages } from './seeded-pages.ts';

/* docs/finance.md: each question is answered within five clicks from `/`, by the way that stands there (finance-words.test.ts). */

const MOST_CLICKS = 5;

describe.skipIf(place === null)('as finance goes, in a browser without scripts', async () => {
  if (place === null) return;
  const seeded = await seededPages(await migratedDatabase(), '.');
  afterAll(async () => await seeded.close());

  test.each(TASKS)('$question is answered in five clicks', async (task) => {
    const page = await (await browser({ theme: 'light', wide: 1280, scripts: false })).newPage();
    await signIn(page, seeded);
    expect(await walk(page, seeded.url, task)).toBeLessThanOrEqual(MOST_CLICKS);
    expect(await page.textContent('main')).toMatch(task.answer);
    await page.context().close();
  });
});
