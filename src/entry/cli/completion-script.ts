import type { Command } from 'commander';

/** A word that may come next, and what it does. */
type Word = { readonly word: string; readonly about: string };

/** Where one stands on a command line: the verbs so far, what may follow them, and the words that an option takes. */
type Place = {
  readonly path: string;
  readonly words: readonly Word[];
  readonly choices: readonly { readonly option: string; readonly words: readonly string[] }[];
};

/** The script that makes a shell complete the words of this program, read from its commands, so that it lacks none. */
export function scriptFor(shell: 'bash' | 'zsh' | 'fish', root: Command): string {
  const places = placesOf(root, '');
  return { bash, zsh, fish }[shell](places);
}

function placesOf(command: Command, path: string): readonly Place[] {
  const options = command.options.filter(({ hidden }) => !hidden);
  const verbs = command.commands.map((one) => ({ word: one.name(), about: one.description() }));
  const flags = options.map(({ long, short, description }) => ({ word: long ?? short ?? '', about: description }));
  const given = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const help = { word: '--help', about: 'show what it takes' };
  const here = {
    path,
    words: [...verbs, ...given.map((word) => ({ word, about: '' })), ...flags, help],
    choices: options.flatMap(({ long, argChoices }) =>
      long === undefined || long === null || argChoices === undefined ? [] : [{ option: long, words: argChoices }],
    ),
  };
  return [here, ...command.commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`.trim()))];
}

/** For `case`: each place with the words that may follow, then each option with the words that it takes. */
function cases(places: readonly Place[], line: (words: readonly string[]) => string): readonly string[] {
  return [
    ...places.flatMap(({ path, choices }) =>
      choices.map(({ option, words }) => `    "${path}|${option}") ${line(words)} ;;`),
    ),
    ...places.map(({ path, words }) => `    "${path}|"*) ${line(words.map(({ word }) => word))} ;;`),
  ];
}

/** The verbs so far: a word counts only where it goes on from them, so that no value of an option is taken for one. */
function walk(places: readonly Place[], words: string): readonly string[] {
  const paths = places.map(({ path }) => `"${path}"`).filter((path) => path !== '""');
  return [
    '  local at="" word next',
    `  for word in ${words}; do`,
    '    next="${at:+$at }$word"',
    `    case "$next" in ${paths.join('|')}) at="$next" ;; esac`,
    '  done',
  ];
}

function bash(places: readonly Place[]): string {
  return [
    '_dueday() {',
    '  local now="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=""',
    ...walk(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    '  case "$at|$before" in',
    ...cases(places, (words) => `words="${words.join(' ')}"`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$now"))',
    '}',
    'complete -o default -F _dueday dueday',
  ].join('\n');
}

function zsh(places: readonly Place[]): string {
  return [
    '(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }',
    '_dueday() {',
    ...walk(places, '"${(@)words[2,CURRENT-1]}"'),
    '  case "$at|${words[CURRENT-1]}" in',
    ...cases(places, (words) => `compadd -- ${words.join(' ')} || _files`),
    '  esac',
    '}',
    'compdef _dueday dueday',
  ].join('\n');
}

function fish(places: readonly Place[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, (letter) => `\\${letter}`)}'`;
  const lines = places.flatMap(({ path, words, choices }) => {
    const here = `-n ${quoted(`test "$(__dueday_at)" = "${path}"`)}`;
    const takes = new Map(choices.map(({ option, words: all }) => [option, all.join(' ')]));
    // Files are offered only where no word must come next.
    const mustBeWord = words.some(({ word }) => !word.startsWith('--'));
    const none = mustBeWord ? [`complete -c dueday ${here} -f`] : [];
    const each = words.map(({ word, about }) => {
      const values = takes.get(word);
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c dueday ${here} ${what}${values === undefined ? '' : ` -xa ${quoted(values)}`} -d ${quoted(about)}`;
    });
    return [...none, ...each];
  });
  const paths = places.map(({ path }) => quoted(path)).filter((path) => path !== "''");
  return [
    'function __dueday_at',
    "    set -l at ''",
    '    for word in (commandline -opc)[2..]',
    '        set -l next (string trim "$at $word")',
    `        contains -- $next ${paths.join(' ')}; and set at $next`,
    '    end',
    '    echo $at',
    'end',
    ...lines,
  ].join('\n');
}
