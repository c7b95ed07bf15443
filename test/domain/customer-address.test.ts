import { describe, expect, test } from 'vitest';
import { customerAddress, customerAddressFault } from '../../src/domain/catalog/customer-address.ts';

const SHOP = 'https://example.com/customers/{reference}';

describe('the address of a customer in the business’s own system', () => {
  test.each([SHOP, 'http://crm:8080/?c={reference}', 'https://example.com/#/{reference}/billing'])(
    'may be %s',
    (text) => {
      expect(customerAddressFault(text)).toBeNull();
    },
  );

  test.each([
    'javascript:alert({reference})',
    'JavaScript://example.com/%0aalert({reference})',
    'data:text/html,{reference}',
    '//example.com/{reference}',
    '{reference}',
    'https://{reference}.example.com/',
    'https://{reference}/',
    'https://ana:secret@example.com/{reference}',
    'https://example.com/customers',
    'https://example.com/{reference}/{reference}',
    'https://example.com/a b/{reference}',
    'https://example.com\\@evil.example/{reference}',
    'https:///{reference}',
  ])('is none: %s', (text) => {
    expect(customerAddressFault(text)).toMatch(/^must /);
  });

  test.each([
    ['cust-1001', 'https://example.com/customers/cust-1001'],
    ['a/../b?c=d#e', 'https://example.com/customers/a%2F..%2Fb%3Fc%3Dd%23e'],
    ['"><script>', 'https://example.com/customers/%22%3E%3Cscript%3E'],
    ['$&', 'https://example.com/customers/%24%26'],
    ['javascript:alert(1)', 'https://example.com/customers/javascript%3Aalert(1)'],
    ['ลูกค้า', `https://example.com/customers/${encodeURIComponent('ลูกค้า')}`],
    ['..', null],
    ['.', null],
    ['\ud800', null],
  ])('of %j leads nowhere else', (reference, address) => {
    expect(customerAddress(SHOP, reference)).toBe(address);
    if (address !== null) expect(new URL(address).href.startsWith('https://example.com/customers/')).toBe(true);
  });

  test('is none where the catalog names none', () => expect(customerAddress(null, 'cust-1001')).toBeNull());
});
