import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { Path } from './yaml-fault.ts';
import { keyText } from './yaml-nodes.ts';

/** Where the value at the path begins in the text, or its key; of a path that leaves the tree, where it leaves it. */
export type Find = (path: Path, of: 'value' | 'key') => number;

/** A finder that looks every map through once: a file with 100,000 faults must not be searched 100,000 times. */
export function finder(document: Document): Find {
  const seen = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  return (path, of) => {
    let node: unknown = document.contents;
    let holder = startOf(node) ?? 0;
    for (const step of path) {
      const { key, value } = childOf(document, seen, node, step);
      if (key === undefined && value === undefined) return holder;
      holder = startOf(key) ?? startOf(value) ?? holder;
      node = value;
    }
    return of === 'key' ? holder : (startOf(node) ?? holder);
  };
}

type Child = { readonly key: unknown; readonly value: unknown };

function childOf(
  document: Document,
  seen: WeakMap<YAMLMap, ReadonlyMap<string, Pair>>,
  holder: unknown,
  step: string | number,
): Child {
  const node = isAlias(holder) ? holder.resolve(document) : holder;
  if (isSeq(node)) return { key: undefined, value: node.items[Number(step)] };
  if (!isMap(node)) return { key: undefined, value: undefined };
  const pair = seen.getOrInsertComputed(node, pairsByKey).get(String(step));
  return { key: pair?.key, value: pair?.value };
}

/** The last of two equal keys is the one whose value was read. */
function pairsByKey(map: YAMLMap): ReadonlyMap<string, Pair> {
  return new Map(map.items.map((pair) => [keyText(pair.key), pair]));
}

/** Where a node begins; undefined for a value that is not written at all, as after `trial:`. */
function startOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const [from, to] = node.range;
  return isScalar(node) && node.value === null && from === to ? undefined : from;
}
