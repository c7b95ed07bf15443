import { inflateRawSync } from 'node:zlib';

/** A cell of a sheet as it is written: what kind it says it is, the place of its form, and its text. */
export type SheetCell = { readonly kind: 'number' | 'text'; readonly form: number; readonly text: string };

/** The parts of a workbook, by their paths: the central directory of a ZIP file says where each lies. */
export function partsOf(file: Buffer): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  const end = file.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  let at = file.readUInt32LE(end + 16);
  while (file.readUInt32LE(at) === 0x02014b50) {
    const [packed, name] = [file.readUInt32LE(at + 20), file.readUInt16LE(at + 28)];
    const local = file.readUInt32LE(at + 42);
    const from = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const bytes = file.subarray(from, from + packed);
    const isPacked = file.readUInt16LE(at + 10) === 8;
    const path = file.toString('utf8', at + 46, at + 46 + name);
    parts.set(path, (isPacked ? inflateRawSync(bytes) : bytes).toString('utf8'));
    at += 46 + name + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return parts;
}

/** The rows of a sheet, each with its cells by their letters. */
export function rowsOf(sheet: string): readonly ReadonlyMap<string, SheetCell>[] {
  return [...sheet.matchAll(/<row r="\d+">(.*?)<\/row>/gs)].map(([, row = '']) => {
    const cells = row.matchAll(/<c r="([A-Z]+)\d+" s="(\d+)"(?: t="(\w+)")?>(.*?)<\/c>/gs);
    return new Map(
      [...cells].map(([, letters = '', form, kind, inner = '']) => [letters, cellOf(Number(form), kind, inner)]),
    );
  });
}

function cellOf(form: number, kind: string | undefined, inner: string): SheetCell {
  const text = /<(?:t|v)[^>]*>(.*)<\/(?:t|v)>/s.exec(inner)?.[1] ?? '';
  return { kind: kind === 'inlineStr' ? 'text' : 'number', form, text: readBack(text) };
}

/** As Excel reads a text: entities first, then the codes of letters. */
function readBack(text: string): string {
  const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return plain.replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
