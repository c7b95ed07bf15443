import { faultLine, readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';

export type Parts = {
  readonly defaults?: string;
  readonly plan?: string;
  readonly more?: string;
  readonly after?: string;
};

/** A catalog of one plan, with nothing to be told of it, but for the lines that are given. */
export function catalog({ defaults = '', plan = '', more = '', after = '' }: Parts): string {
  const own = (fields: string, key: string, otherwise: string) => (fields.includes(`${key}:`) ? '' : `${otherwise}\n`);
  return `defaults:
  country: ID
${own(defaults, 'time_zone', '  time_zone: Asia/Jakarta')}${own(defaults, 'payment_channels', '  payment_channels: { ID: [CARDS, OVO], PH: [CARDS] }')}${lines(2, defaults)}plans:
  a:
    name: A
${own(plan, 'price', '    price: { amount: 150000, currency: IDR }')}${own(plan, 'interval', '    interval: 1 month')}${lines(4, plan)}${more}${after}`;
}

function lines(indent: number, text: string): string {
  return text === ''
    ? ''
    : `${text
        .split('\n')
        .map((line) => ' '.repeat(indent) + line)
        .join('\n')}\n`;
}

export function told(source: string): { readonly faults: readonly string[]; readonly warnings: readonly string[] } {
  const read = readCatalog(source, 'c');
  const without = (fault: Parameters<typeof faultLine>[1]) => faultLine('c', fault).replace(/^c:\d+:\d+ /, '');
  return { faults: read.ok ? [] : read.faults.map(without), warnings: read.warnings.map(without) };
}
