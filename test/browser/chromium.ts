import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where the browser is; null: there is none, and whoever runs the tests is told. */
export const place = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path)) ?? null;
if (place === null)
  console.warn('\nNO CHROMIUM: the pages are not looked at in a browser. Install it (apt-get install chromium).\n');

export type Look = { readonly theme: 'light' | 'dark'; readonly wide: 1280 | 390; readonly scripts: boolean };

let started: Promise<Browser> | null = null;

/** Somebody at a browser; one browser serves all, and each comes with a fresh profile. */
export async function browser({ theme, wide, scripts }: Look): Promise<BrowserContext> {
  started ??= chromium.launch({ args: FLAGS, ...(place === null ? {} : { executablePath: place }) });
  const running = await started;
  return await running.newContext({
    colorScheme: theme,
    viewport: { width: wide, height: 900 },
    javaScriptEnabled: scripts,
    timezoneId: 'America/New_York',
  });
}

afterAll(async () => await (await started)?.close());
