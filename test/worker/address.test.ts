import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { mayReach } from '../../worker/deliver/address.ts';

const networks = (...texts: string[]) => texts.map((text) => ipaddr.parseCIDR(text));
const nothing = { allowedNetworks: [], deniedNetworks: [] };

/** Each with its first and last address, where it has more than one. Source: IANA special-purpose address registries, IPv4 and IPv6. */
const special: [string, ...string[]][] = [
  ['this network (RFC 791)', '0.0.0.0', '0.255.255.255'],
  ['private (RFC 1918)', '10.0.0.0', '10.255.255.255'],
  ['private (RFC 1918)', '172.16.0.0', '172.31.255.255'],
  ['private (RFC 1918)', '192.168.0.0', '192.168.255.255'],
  ['CGNAT (RFC 6598)', '100.64.0.0', '100.127.255.255'],
  ['loopback (RFC 1122)', '127.0.0.0', '127.255.255.255'],
  ['link-local (RFC 3927)', '169.254.0.0', '169.254.255.255'],
  ['IETF protocols (RFC 6890)', '192.0.0.0', '192.0.0.170', '192.0.0.255'],
  ['documentation (RFC 5737)', '192.0.2.0', '192.0.2.255'],
  ['documentation (RFC 5737)', '198.51.100.0', '198.51.100.255'],
  ['documentation (RFC 5737)', '203.0.113.0', '203.0.113.255'],
  ['AS112 (RFC 7535)', '192.31.196.0', '192.31.196.255'],
  ['AS112 (RFC 7534)', '192.175.48.0', '192.175.48.255'],
  ['AMT (RFC 7450)', '192.52.193.0', '192.52.193.255'],
  ['6to4 relays (RFC 7526)', '192.88.99.0', '192.88.99.255'],
  ['benchmarking (RFC 2544)', '198.18.0.0', '198.19.255.255'],
  ['multicast (RFC 5771)', '224.0.0.0', '239.255.255.255'],
  ['reserved (RFC 1112)', '240.0.0.0', '255.255.255.254'],
  ['broadcast (RFC 8190)', '255.255.255.255'],
  ['unspecified (RFC 4291)', '::'],
  ['loopback (RFC 4291)', '::1'],
  ['IPv4-compatible (RFC 4291)', '::7f00:1', '::10.0.0.1', '::8.8.8.8'],
  ['IPv4-mapped (RFC 4291)', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe'],
  ['IPv4-translated (RFC 2765)', '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
  ['NAT64 (RFC 6052)', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8'],
  ['NAT64 of one network (RFC 8215)', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['discard-only (RFC 6666)', '100::', '100::ffff:ffff:ffff:ffff'],
  ['dummy prefix (RFC 9780)', '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff'],
  ['Teredo (RFC 4380)', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['IETF protocols (RFC 2928)', '2001:1::1', '2001:5::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['benchmarking (RFC 5180)', '2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff'],
  ['AMT (RFC 7450)', '2001:3::1'],
  ['AS112 (RFC 7535)', '2001:4:112::1', '2620:4f:8000::1'],
  ['ORCHID (RFC 4843)', '2001:10::', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ORCHIDv2 (RFC 7343)', '2001:20::', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['drone remote id (RFC 9374)', '2001:30::1'],
  ['documentation (RFC 3849)', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['documentation (RFC 9637)', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['6to4 (RFC 3056)', '2002:7f00:1::', '2002:808:808::'],
  ['segment routing (RFC 9602)', '5f00::1'],
  ['unique local (RFC 4193)', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['link-local (RFC 4291)', 'fe80::1', 'fe80::1%eth0', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['site-local (RFC 3879)', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['multicast (RFC 4291)', 'ff00::', 'ff02::1', 'ff0e::1'],
  [
    'outside of global unicast (RFC 4291)',
    '1::',
    '200::1',
    '1fff::1',
    '4000::1',
    '8000::1',
    'e000::1',
    'fe00::1',
  ],
];

const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '::ffff:169.254.169.254',
  'fe80::a9fe:a9fe',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
];

describe('an address', () => {
  it.each(special)('that is special may not be reached: %s', (_, ...addresses) => {
    expect(addresses.filter((address) => mayReach(address, nothing))).toEqual([]);
  });

  it('just beside a special range may be reached', () => {
    const beside = [
      '1.0.0.0',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
      '128.0.0.0',
    ]
      .concat([
        '169.253.255.255',
        '169.255.0.0',
        '172.15.255.255',
        '172.32.0.0',
        '192.0.1.0',
        '192.167.255.255',
        '192.169.0.0',
      ])
      .concat(['198.17.255.255', '198.20.0.0', '223.255.255.255', '168.63.129.15', '::ffff:8.8.8.8'])
      .concat(['2001:200::', '2003::', '2001:db9::', '2606:4700::1111', '3fff:1000::1', '3ffe::1']);
    expect(beside.filter((address) => !mayReach(address, nothing))).toEqual([]);
  });

  it('that cannot be read may not be reached', () => {
    const unread = ['', 'localhost', '127.0.0.1.', '1.2.3.4:80', '[::1]', '256.1.1.1', '::g'];
    expect(unread.filter((address) => mayReach(address, nothing))).toEqual([]);
  });

  it('of an allowed network may be reached, and its neighbour not', () => {
    const settings = { allowedNetworks: networks('10.20.0.0/16', 'fd12:3456::/32'), deniedNetworks: [] };
    expect(mayReach('10.20.255.255', settings)).toBe(true);
    expect(mayReach('::ffff:10.20.0.1', settings)).toBe(true);
    expect(mayReach('fd12:3456::1', settings)).toBe(true);
    expect(mayReach('10.21.0.0', settings)).toBe(false);
    expect(mayReach('::10.20.0.1', settings)).toBe(false);
    expect(mayReach('fd12:3457::1', settings)).toBe(false);
  });

  it('of a denied network may not be reached, although public, allowed, or of an allowed name', () => {
    const settings = {
      allowedNetworks: networks('10.0.0.0/8', '2600::/12'),
      deniedNetworks: networks('10.9.0.0/16', '8.8.8.0/24', '2600:1f00::/24'),
    };
    expect(mayReach('8.8.8.8', settings)).toBe(false);
    expect(mayReach('::ffff:8.8.8.8', settings)).toBe(false);
    expect(mayReach('10.9.1.1', settings)).toBe(false);
    expect(mayReach('10.8.1.1', settings)).toBe(true);
    expect(mayReach('2600:1f00::1', settings, true)).toBe(false);
  });

  it.each(metadata)('of metadata may not be reached, whatever is allowed: %s', (address) => {
    const everything = networks('0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1');
    expect(mayReach(address, nothing)).toBe(false);
    expect(mayReach(address, { allowedNetworks: everything, deniedNetworks: [] }, true)).toBe(false);
  });
});
