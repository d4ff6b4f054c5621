import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { Networks } from './address.ts';
import { mayReach } from './address.ts';
import { resolveByDns } from './resolve.ts';
import { TargetError } from './target-error.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** Of several addresses of a host, each has so long before the next is tried as well. Node's own 250 ms give up on distant hosts. */
const ADDRESS_TIMEOUT_MS = 1_000;

/** Where webhooks may go; runtime/variables.ts documents the settings. */
export interface TargetPolicy extends Networks {
  /** No rule at all: for development. */
  allowInsecure: boolean;
  allowedPorts: readonly number[];
  allowedHosts: readonly string[];
  dnsServers?: readonly string[] | undefined;
}

/**
 * Connections to receivers: kept alive and shared by all batches. The rules stand where connections are made, so that none is made
 * without them, whoever uses the agent: https, certificates verified, an allowed port, and a host all of whose addresses may be reached. Names are resolved
 * once for each connection, which goes to an address that was checked: a second answer of the DNS changes nothing. Redirects are not followed.
 */
export function createAgent(policy: TargetPolicy): Agent {
  return new Agent({
    connect: policy.allowInsecure
      ? { timeout: CONNECT_TIMEOUT_MS, allowH2: false }
      : guardedConnector(policy),
    // One answer that is cut off costs its own connection and no other.
    allowH2: false,
    // Each attempt has one limit of its own, over everything; these would count in parts.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
    keepAliveTimeout: 10_000,
  });
}

function guardedConnector(policy: TargetPolicy): buildConnector.connector {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: false,
    lookup: checkedLookup(policy),
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
    // said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment does not switch it off
    rejectUnauthorized: true,
  });
  return (options, callback) => {
    const problem = problemOf(options, policy);
    if (problem) return process.nextTick(callback, new TargetError(problem), null);
    // The name to verify is the URL's, whatever header Host says. An address has none: its certificate must name the address.
    const name = isIP(options.hostname) ? '' : withoutDot(options.hostname);
    return connect({ ...options, host: name, servername: name }, callback);
  };
}

function problemOf(
  { protocol, hostname, port }: buildConnector.Options,
  policy: TargetPolicy,
): string | undefined {
  if (protocol !== 'https:') return 'https is required';
  if (!policy.allowedPorts.includes(Number(port || 443))) {
    return `the port must be ${policy.allowedPorts.join(' or ')}`;
  }
  // An address is never looked up, so it is checked here. The URL parser has made four numbers of every spelling of IPv4.
  if (isIP(hostname) && !mayReach(hostname, policy)) return 'the address is not public';
  return undefined;
}

/** In place of Node's look-up: gives it the addresses of a host, if each of them may be reached. */
function checkedLookup(policy: TargetPolicy): LookupFunction {
  const addressesOf = async (hostname: string): Promise<LookupAddress[]> => {
    const name = withoutDot(hostname).toLowerCase();
    // The operator's own names may stand in the system's hosts file. Strangers' names are asked of the DNS alone.
    const allowed = policy.allowedHosts.includes(name);
    const addresses = allowed
      ? await systemLookup(name, { all: true })
      : await resolveByDns(name, policy.dnsServers);
    if (addresses.length > 0 && addresses.every(({ address }) => mayReach(address, policy, allowed))) {
      return addresses;
    }
    // One sentence for both: who can make an endpoint must not learn which names exist inside, and where they lead.
    throw new TargetError('the host name has no address, or one that is not public');
  };
  return (hostname, options, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const first = addresses[0] as LookupAddress;
        if (options.all) process.nextTick(callback, null, addresses);
        else process.nextTick(callback, null, first.address, first.family);
      },
      (error: unknown) => process.nextTick(callback, error, '', 0),
    );
  };
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}
