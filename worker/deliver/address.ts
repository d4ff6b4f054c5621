import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Network } from '../../runtime/variables.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What an operator says of networks; runtime/variables.ts documents the settings. */
export interface Networks {
  allowedNetworks: readonly Network[];
  deniedNetworks: readonly Network[];
}

/**
 * Where the clouds keep the credentials of a machine or container. No setting opens them, not even a network that is allowed and holds them.
 * Link-local is theirs as a whole (AWS, Azure, Google, Oracle, DigitalOcean, Hetzner: 169.254.169.254; ECS 169.254.170.2, EKS
 * 169.254.170.23, OpenStack fe80::a9fe:a9fe).
 */
const metadata = networks(
  ['169.254.0.0/16', 'fe80::/10'],
  ['fd00:ec2::/32'], // AWS: fd00:ec2::254, EKS fd00:ec2::23
  ['fd20:ce::254/128'], // Google
  ['fd00:42::42/128'], // Scaleway
  ['100.100.100.200/32'], // Alibaba
  ['192.0.0.192/32'], // Oracle
  ['168.63.129.16/32'], // Azure's WireServer: public unicast by its number, and answered by the host beneath each virtual machine alone
);

/** IANA, IPv6 address space: "The IPv6 global unicast space is 2000::/3"; all else is special or not given out. */
const globalUnicast = networks(['2000::/3']);

/**
 * Whether a connection may go to an address: public, or allowed by the operator; never metadata, never what the operator denies.
 * @param address as the resolver or a URL says it. What cannot be read may not be reached.
 * @param nameIsAllowed the host was allowed by its name, wherever it is
 */
export function mayReach(address: string, settings: Networks, nameIsAllowed = false): boolean {
  const parsed = parse(address);
  if (!parsed) return false;
  if (within(parsed, metadata) || within(parsed, settings.deniedNetworks)) return false;
  return nameIsAllowed || within(parsed, settings.allowedNetworks) || isPublic(parsed);
}

function parse(text: string): Address | undefined {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  const address = text.replace(/%.*$/, '');
  if (!isIPv6(address)) return undefined;
  // ipaddr.js reads ::8.8.8.8, as c-ares writes ::808:808, as ::ffff:8.8.8.8: the URL parser leaves no dots.
  const { hostname } = new URL(`http://[${address}]`);
  // An IPv4 address within IPv6 (::ffff:0:0/96) is reached as IPv4, and judged as such.
  return ipaddr.process(hostname.slice(1, -1));
}

/**
 * ipaddr.js 2.5 names what the IANA special-purpose registries (RFC 6890) list, and calls "unicast" the rest: private, loopback,
 * link-local, CGNAT, multicast, reserved, documentation, benchmarking, 6to4 and its relays, Teredo, NAT64, ORCHID and discard-only are
 * refused by it. Tried one by one, it lets pass IPv4-compatible addresses (::a.b.c.d, RFC 4291), 100:0:0:1::/64 (RFC 9780) and the space
 * outside 2000::/3.
 */
function isPublic(address: Address): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || within(address, globalUnicast));
}

function within(address: Address, list: readonly Network[]): boolean {
  return list.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

function networks(...lists: string[][]): Network[] {
  return lists.flat().map((text) => ipaddr.parseCIDR(text));
}
