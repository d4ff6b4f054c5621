import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent } from 'undici';

const CONNECT_TIMEOUT_MS = 5_000;

/** Why a URL must not be called. Its message is shown to the endpoint's owner. */
class ForbiddenTarget extends Error {
  override name = 'ForbiddenTarget';
}

/**
 * Connections to receivers: kept alive and shared by all batches. Unless `allowInsecure`, a host name is resolved once,
 * all of its addresses are checked, and the connection goes to what was checked: a second answer of the DNS changes nothing.
 */
export function createAgent(allowInsecure: boolean): Agent {
  return new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(allowInsecure ? {} : { lookup: publicLookup }) },
    // Each attempt has one limit of its own, over everything; these would count in parts.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
    keepAliveTimeout: 10_000,
  });
}

/** @throws ForbiddenTarget for http: and for addresses that are not public, unless `allowInsecure` */
export function requireTarget(url: URL, allowInsecure: boolean): void {
  if (allowInsecure) return;
  if (url.protocol !== 'https:') throw new ForbiddenTarget('https is required');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A literal address is never looked up, so it is checked here.
  if (ipaddr.isValid(host)) requirePublic(host);
}

function requirePublic(address: string): void {
  // process() takes an IPv4 address out of its IPv6 mapping. "unicast" is what no special-purpose registry lists:
  // private, loopback, link-local (with the clouds' metadata), CGNAT, multicast, NAT64 and 6to4 all have other names.
  const range = ipaddr.process(address).range();
  if (range !== 'unicast') throw new ForbiddenTarget(`the address ${address} is not public (${range})`);
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    try {
      for (const { address } of addresses) requirePublic(address);
    } catch (forbidden) {
      return callback(forbidden as Error, '', 0);
    }
    if (options.all) return callback(null, addresses);
    const first = addresses[0];
    callback(null, first?.address ?? '', first?.family ?? 0);
  });
};
