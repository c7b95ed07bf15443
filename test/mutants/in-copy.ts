import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Replacement, replaced } from './replacement.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = [
  'src',
  'test',
  'drizzle',
  'patches',
  'catalog.yaml',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/** Writes a wrong design into a copy of the project, which is gone when `use` has done with it. */
export async function inCopy<T>(design: Replacement, use: (copy: string) => Promise<T>): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), 'dueday-design-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, design.file), replaced(readFileSync(join(copy, design.file), 'utf8'), design));
    return await use(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What the command line names: those whose name holds one of these parts; all where there are none. */
export function chosen<T extends Replacement>(designs: readonly T[], parts: readonly string[]): readonly T[] {
  return designs.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
}
