import { describe, expect, test } from 'vitest';
import { isLoopback, returnAddressFault, returnAddressLengthFault } from '../../src/domain/catalog/web-address.ts';

const SCHEME = 'must be an https:// address, as Xendit demands';
const SIGNS = 'must not contain control characters, blanks or backslashes';
const USER = 'must not contain a user name or password';
const PLAIN = 'must write its host plainly';
const PRIVATE = 'must not lie in a private network';
const NAME = 'must name a host with its domain, such as shop.example.com';
const PORT = 'must have no port, or one from 1024';

const good: readonly string[] = [
  'https://example.com',
  'https://example.com/thanks?order=1&a[]=2#top',
  'HTTPS://Shop.Example.COM/Thanks',
  'https://shop.example.com:8443/thanks',
  'https://example.com:443/',
  'https://example.com:65535/',
  'https://pay.shop.co.id/%F0%9F%98%80',
  'https://bücher.example/danke',
  'https://xn--bcher-kva.example/danke',
  'https://my_shop.example.com/',
  'https://8.8.8.8/thanks',
  'https://172.32.0.1/',
  'https://100.128.0.1/',
  'https://[2606:4700:4700::1111]/thanks',
  'https://example.com/return?to=http://169.254.169.254/',
  'https://localhost:3000/thanks',
  'https://localhost/thanks',
];

const bad: readonly (readonly [string, string])[] = [
  ['http://example.com/', SCHEME],
  ['ftp://example.com/', SCHEME],
  ['file:///etc/passwd', SCHEME],
  ['javascript:alert(1)', SCHEME],
  ['data:text/html,<script>alert(1)</script>', SCHEME],
  ['gopher://127.0.0.1:6379/_FLUSHALL', SCHEME],
  ['ws://example.com/', SCHEME],
  ['//example.com/', SCHEME],
  ['https:example.com', SCHEME],
  ['https:/example.com', SCHEME],
  [' https://example.com/', SCHEME],
  ['example.com', SCHEME],
  ['', SCHEME],
  ['https://', SCHEME],
  ['https:///', SCHEME],
  ['https://[::1', SCHEME],
  ['https://999.1.1.1/', SCHEME],
  ['https://example.com:99999/', SCHEME],
  ['https://exa<mple.com/', SCHEME],
  ['https://example.com/\n', SIGNS],
  ['https://exam\tple.com/', SIGNS],
  ['https://example.com/\u0000', SIGNS],
  ['https://example.com/\u0085', SIGNS],
  ['https://example.com/a b', SIGNS],
  ['https://example.com/\ud800', SIGNS],
  ['https://example.com\\@evil.example/', SIGNS],
  ['https://user@example.com/', USER],
  ['https://user:word@example.com/', USER],
  ['https://@example.com/', USER],
  ['https://example.com@169.254.169.254/', USER],
  ['https://example.com%40evil.example@1.1.1.1/', USER],
  ['https://127.0.0.1/', PRIVATE],
  ['https://127.255.255.254/', PRIVATE],
  ['https://2130706433/', PLAIN],
  ['https://017700000001/', PLAIN],
  ['https://0177.0.0.1/', PLAIN],
  ['https://0x7f000001/', PLAIN],
  ['https://0x7f.0.0.1/', PLAIN],
  ['https://127.1/', PLAIN],
  ['https://127.0.1/', PLAIN],
  ['https://127.0.0.1./', PLAIN],
  ['https://１２７.0.0.1/', PLAIN],
  ['https://134744072/', PLAIN],
  ['https://%6c%6fcalhost/', PLAIN],
  ['https://ⓛocalhost/', PLAIN],
  ['https://exam\u00adple.com/', PLAIN],
  ['https://0.0.0.0/', PRIVATE],
  ['https://10.0.0.1/', PRIVATE],
  ['https://100.64.0.1/', PRIVATE],
  ['https://100.127.255.255/', PRIVATE],
  ['https://169.254.169.254/latest/meta-data/', PRIVATE],
  ['https://172.16.0.1/', PRIVATE],
  ['https://172.31.255.255/', PRIVATE],
  ['https://192.168.1.1/', PRIVATE],
  ['https://192.0.0.192/', PRIVATE],
  ['https://192.0.2.1/', PRIVATE],
  ['https://192.88.99.1/', PRIVATE],
  ['https://198.18.0.1/', PRIVATE],
  ['https://198.51.100.1/', PRIVATE],
  ['https://203.0.113.7/', PRIVATE],
  ['https://224.0.0.1/', PRIVATE],
  ['https://240.0.0.1/', PRIVATE],
  ['https://255.255.255.255/', PRIVATE],
  ['https://[::]/', PRIVATE],
  ['https://[::1]/', PRIVATE],
  ['https://[0:0:0:0:0:0:0:1]/', PRIVATE],
  ['https://[::ffff:127.0.0.1]/', PRIVATE],
  ['https://[::ffff:8.8.8.8]/', PRIVATE],
  ['https://[::ffff:a9fe:a9fe]/', PRIVATE],
  ['https://[::127.0.0.1]/', PRIVATE],
  ['https://[64:ff9b::169.254.169.254]/', PRIVATE],
  ['https://[64:ff9b:1::1]/', PRIVATE],
  ['https://[fe80::1]/', PRIVATE],
  ['https://[fc00::1]/', PRIVATE],
  ['https://[fd00:ec2::254]/', PRIVATE],
  ['https://[ff02::1]/', PRIVATE],
  ['https://[2001:db8::1]/', PRIVATE],
  ['https://[2001::1]/', PRIVATE],
  ['https://[2002:7f00:1::]/', PRIVATE],
  ['https://[3fff::1]/', PRIVATE],
  ['https://metadata.google.internal/', PRIVATE],
  ['https://metadata.goog/', PRIVATE],
  ['https://printer.local/', PRIVATE],
  ['https://wiki.intranet/', PRIVATE],
  ['https://nas.home.arpa/', PRIVATE],
  ['https://app.localhost/', PRIVATE],
  ['https://example.com./', NAME],
  ['https://localhost./', NAME],
  ['https://.example.com/', NAME],
  ['https://a..example.com/', NAME],
  ['https://-a.example.com/', NAME],
  ['https://intranet/', NAME],
  ['https://example/', NAME],
  [`https://${'a'.repeat(64)}.example/`, NAME],
  ['https://example.com:0/', PORT],
  ['https://example.com:22/', PORT],
  ['https://example.com:25/', PORT],
  ['https://example.com:80/', PORT],
];

describe('an address that customers may be sent back to', () => {
  test.each(good)('%s is one', (address) => {
    expect(returnAddressFault(address)).toBeNull();
  });

  test.each(bad)('%j is none: %s', (address, fault) => {
    expect(returnAddressFault(address)).toBe(fault);
  });
});

test.each([
  [10, false],
  [11, true],
  [255, true],
  [256, false],
])('an address of %j characters fits into a charge: %j', (length, fits) => {
  expect(returnAddressLengthFault('x'.repeat(length)) === null).toBe(fits);
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['[::1]', true],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
  ['128.0.0.1', false],
  ['[::2]', false],
  ['0.0.0.0', false],
])('the host %s is this machine: %j', (host, is) => {
  expect(isLoopback(host)).toBe(is);
});
