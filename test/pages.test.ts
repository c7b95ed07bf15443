import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commandLine } from '../src/entry/cli/command.ts';
import { processScreen } from '../src/entry/cli/screen/screen.ts';
import { calls } from '../src/entry/http/calls.ts';
import { runtimeWith } from './entry/cli-stand.ts';

/* What the pages tell people to type is understood: commands with their options, calls with their methods, variables. */

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const pages = [
  'README.md',
  ...readdirSync(new URL('../docs', import.meta.url))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** Whatever reads a variable has its name. */
const source = readdirSync(new URL('../src', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(`src/${name}`))
  .join('\n');
const dueday = commandLine({ runtime: runtimeWith({}, () => ({ url: '', apiKey: null })), screen: processScreen() });

/** Blocks and spans of code; a backslash at a line's end joins two lines, as a shell does. */
function codeOf(text: string): readonly string[] {
  const joined = text.replaceAll('\\\n', ' ');
  const blocks = [...joined.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const spans = [...joined.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
  return [...blocks, ...spans];
}

/** Each `npx dueday ...` in some code, until the shell or a remark ends it. */
function commandsOf(code: string): readonly string[] {
  return [...code.matchAll(/npx dueday((?:"[^"\n]*"|'[^'\n]*'|<[^>\n]+>|[^"'<\n&|;#])*)/g)].map(([, words = '']) =>
    words.trim(),
  );
}

/** A placeholder such as `<charge id>` is one word. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|<([^>]+)>|(\S+)/g)].map(
    (found) => found.slice(1).find((word) => word !== undefined) ?? '',
  );
}

/** What dueday would say against a command line before running it; null: nothing. */
function faultOf(line: string): string | null {
  let command: Command = dueday;
  let given = 0;
  const words = [...wordsOf(line)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith('-')) {
      const option = command.options.find(({ short, long }) => word === short || word === long);
      if (option === undefined && !['--help', '-h'].includes(word)) return `${command.name()} has no option ${word}`;
      if (option?.required !== true) continue;
      const value = words.shift();
      if (value === undefined) return `${word} lacks its value`;
      if (option.argChoices?.includes(value) === false) return `${word} is none of ${option.argChoices.join(', ')}`;
    } else if (command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === word);
      if (next !== undefined) command = next;
      else if (command.registeredArguments.length > 0) given += 1;
      else return `${command.name()} has no command ${word}`;
    } else {
      given += 1;
    }
  }
  const named = command.registeredArguments;
  if (given > named.length) return `${command.name()} takes ${named.length} words`;
  return null;
}

/** `POST /v1/subscriptions/ref:sub-1001/cancel` is a call with `:id`. */
function isCall(method: string, path: string): boolean {
  const parts = path.replace(/\?.*/, '').split('/');
  return Object.keys(calls).some((call) => {
    const [known, route = ''] = call.split(' ');
    const names = route.split('/');
    return (
      known === method &&
      names.length === parts.length &&
      names.every(
        (name, index) =>
          name === parts[index] || (name.startsWith(':') && /^(\{\w+\}|ref:\S+)$/.test(parts[index] ?? '')),
      )
    );
  });
}

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('names commands that there are, with options that they take', () => {
    const faults = codeOf(text)
      .flatMap(commandsOf)
      .flatMap((line) => (faultOf(line) === null ? [] : [`npx dueday ${line}: ${faultOf(line)}`]));
    expect(faults).toEqual([]);
  });

  test('names calls that there are', () => {
    const named = [...text.matchAll(/`(GET|POST|PATCH|PUT|DELETE) (\/(?:v1|health|metrics)\b[^\s`]*)/g)].map(
      ([, method = '', path = '']) => ({
        method,
        path,
      }),
    );
    // $API of the README ends in /v1; curl asks with GET where nothing else is said.
    const curled = [...text.replaceAll('\\\n', ' ').matchAll(/curl ([^\n]*?)"?\$API(\/[^\s"']*)([^\n]*)/g)].map(
      ([, before = '', path = '', after = '']) => ({
        method: /-X POST/.test(before) || / -d /.test(after) ? 'POST' : 'GET',
        path: `/v1${path}`,
      }),
    );
    expect([...named, ...curled].filter(({ method, path }) => !isCall(method, path))).toEqual([]);
  });

  test('names variables that are read', () => {
    const named = new Set(
      [...text.matchAll(/\b(?:DUEDAY|XENDIT)_[A-Z_]+\b/g)].map(([name]) => name.replace(/_FILE$/, '')),
    );
    expect([...named].filter((name) => !source.includes(name))).toEqual([]);
  });
});

test('a wrong word on a page would be told', () => {
  expect(faultOf('charges explode 1')).toBe('charges has no command explode');
  expect(faultOf('charges list --costumer x')).toBe('list has no option --costumer');
  expect(faultOf('charges void 1 --reason')).toBe('--reason lacks its value');
  expect(faultOf('keys create --role boss')).toBe('--role is none of admin, product, finance');
  expect(faultOf('charges void 1 2')).toBe('void takes 1 words');
  expect(faultOf('clock advance --by "2 months 15 days"')).toBeNull();
  expect(commandsOf('npx dueday migrate && npx dueday doctor   # look')).toEqual(['migrate', 'doctor']);
  expect(isCall('POST', '/v1/charges/{id}/hold')).toBe(true);
  expect(isCall('GET', '/v1/charges/{id}/hold')).toBe(false);
});
