/** JSON in one spelling: whatever order the keys of a value were written in, the text is the same. */
export function canonicalJson(value: unknown): string {
  if (Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  return 'toJSON' in value ? canonicalJson(JSON.parse(JSON.stringify(value))) : objectText(value);
}

function objectText(object: object): string {
  const values = object as Readonly<Record<string, unknown>>;
  let fields = '';
  for (const key of Object.keys(values).sort()) {
    const value = values[key];
    if (value !== undefined) fields += `${fields === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return `{${fields}}`;
}
