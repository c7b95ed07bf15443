#!/usr/bin/env node
// Plain JavaScript, in words that every Node reads: an older one is told what it lacks before it meets what it cannot parse.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const OLDEST = 26;

/**
 * The files of drizzle-orm name each other. For each, Node would read its package.json again, which has 179 kB, to learn that
 * they are modules: nearly half a second of every start.
 *
 * @type {import('node:module').ResolveHookSync}
 */
const besideEachOther = (specifier, context, next) => {
  const { parentURL = '' } = context;
  if (!specifier.startsWith('.') || !parentURL.includes('/node_modules/drizzle-orm/')) return next(specifier, context);
  return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
};

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  console.error(
    `dueday needs Node ${OLDEST} or later, and this is Node ${process.versions.node}. ` +
      'In a checkout "npm ci" brings one along: run "npx dueday" or "npm start" there. Elsewhere get one from https://nodejs.org.',
  );
  process.exitCode = 1;
} else {
  // What was compiled is kept for the next time. In a directory that is this user's own: whoever could write there could
  // say what this program does. Where none can be written, nothing is kept. NODE_COMPILE_CACHE overrules it.
  nodeModule.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dueday'));
  nodeModule.registerHooks({ resolve: besideEachOther });
  // A checkout runs from its source. The package has none: it runs what was built of it when it was packed.
  const source = new URL('../src/main.ts', import.meta.url);
  await import(existsSync(source) ? source.href : '../dist/main.js');
}
