import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startEmbedded } from '../../src/infra/embedded-postgres/embedded.ts';
import { signIn, TASKS, walk } from './finance-tasks.ts';
import { seededPages } from './seeded-pages.ts';

/* The pictures of docs/finance.md, taken anew: `npm run screenshots`, with Chromium at CHROMIUM or where Debian has it. */

const folder = new URL('../../docs/finance/', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'dueday-screenshots-'));
const server = await startEmbedded({ dataDir: join(directory, 'data') });
const seeded = await seededPages(server.url, directory);
const running = await chromium.launch({
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
});
try {
  mkdirSync(folder, { recursive: true });
  const page = await running.newPage({ viewport: { width: 1_030, height: 640 }, javaScriptEnabled: false });
  await signIn(page, seeded);
  for (const task of TASKS) {
    await walk(page, seeded.url, task); // oxlint-disable-line no-await-in-loop
    if (task.shows !== undefined) await page.locator(task.shows).scrollIntoViewIfNeeded(); // oxlint-disable-line no-await-in-loop
    await page.screenshot({ path: join(folder, `${task.name}.png`) }); // oxlint-disable-line no-await-in-loop
    console.log(`${task.name}.png: ${task.question}`);
  }
} finally {
  await running.close();
  await seeded.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
