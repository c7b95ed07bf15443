import { type Alias, type Document, isPair, isScalar, isSeq, type Pair, Scalar, visit, type YAMLMap } from 'yaml';
import type { Path, Place, YamlFault } from './yaml-fault.ts';

/**
 * What is wrong inside an otherwise well-formed tree: keys given twice, aliases without an anchor, keys that are no
 * plain text. On the way it puts the written text in the place of numbers whose digits matter.
 */
export function nodeFaults(
  document: Document,
  asWritten: ReadonlySet<string>,
  placeAt: (offset: number) => Place,
): readonly YamlFault[] {
  const faults: YamlFault[] = [];
  const anchors = new Set<string>();
  const fault = (node: unknown, path: Path, message: string) =>
    faults.push({ ...placeAt(startOf(node)), path, message });
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Pair: (_, pair) => keepDigits(pair, asWritten),
    Map: (_, map, ancestors) => {
      if (map.anchor !== undefined) anchors.add(map.anchor);
      const path = pathOf([...ancestors, map]);
      for (const { key, message } of keyFaults(map, placeAt)) fault(key, [...path, keyText(key)], message);
      map.items = map.items.filter(({ key }) => isScalar(key));
    },
    Alias: (_, alias, ancestors): Scalar | undefined => {
      if (anchors.has(alias.source)) return undefined;
      // A lone * is a syntax fault already.
      if (alias.source !== '') fault(alias, pathOf([...ancestors, alias]), unmarked(alias.source));
      return nothingAt(alias);
    },
  });
  return faults;
}

function unmarked(anchor: string): string {
  return `uses *${anchor}, but nothing above is marked &${anchor}`;
}

/** An empty value in the place of an alias, so that the rest of the file can be read. */
function nothingAt(alias: Alias): Scalar {
  const nothing = new Scalar(null);
  if (alias.range) nothing.range = alias.range;
  return nothing;
}

type KeyFault = { readonly key: unknown; readonly message: string };

function keyFaults(map: YAMLMap, placeAt: (offset: number) => Place): readonly KeyFault[] {
  const first = new Map<string, Place>();
  const faults: KeyFault[] = [];
  for (const { key } of map.items) {
    if (!isScalar(key)) {
      faults.push({ key, message: 'must be a plain name' });
      continue;
    }
    const earlier = first.get(keyText(key));
    if (earlier === undefined) first.set(keyText(key), placeAt(startOf(key)));
    else faults.push({ key, message: `is given twice; the first is on line ${earlier.line}` });
  }
  return faults;
}

function keepDigits({ key, value }: Pair, asWritten: ReadonlySet<string>): undefined {
  if (!isScalar(key)) return;
  if (typeof key.value === 'number' && key.source !== undefined) key.value = key.source;
  if (!isScalar(value) || typeof value.value !== 'number' || value.source === undefined) return;
  if (asWritten.has(keyText(key))) value.value = value.source;
}

/** The path of the last node, from the nodes that lead to it. */
function pathOf(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, i): Path => {
    if (isPair(node)) return [keyText(node.key)];
    return isSeq(node) && i + 1 < nodes.length ? [node.items.indexOf(nodes[i + 1])] : [];
  });
}

/** A key as the plain values have it; '?' for a key that is a list or a map. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return '?';
  const { value } = key;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function startOf(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}
