import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { TargetError } from './target-error.ts';

/** Two tries, the second twice as long: about half of the 5 s that a connection has, for resolving and connecting. */
const QUERY = { timeout: 750, tries: 2 };

/** There is nothing under the name, or it is none. All else is no answer. */
const nothing = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];

/**
 * All addresses of a name, IPv4 first; none when it has none. Asks the DNS itself, not the system: getaddrinfo would read the hosts file, add search
 * domains, and wait in one of the process's four threads, so that four endpoints with slow name servers would keep everybody waiting.
 * A resolver lives for one name: it reads /etc/resolv.conf when it is made, and keeps no answers.
 * @throws TargetError when no answer comes
 */
export async function resolveByDns(
  name: string,
  servers: readonly string[] | undefined,
): Promise<LookupAddress[]> {
  const resolver = new Resolver(QUERY);
  if (servers) resolver.setServers(servers);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  // Name servers that answer for IPv4 and not for IPv6 exist; nothing is connected to that was not answered.
  const answered = (answer: PromiseSettledResult<string[]>) =>
    answer.status === 'fulfilled' || nothing.includes((answer.reason as { code?: string }).code ?? '');
  if (addresses.length === 0 && !(answered(v4) && answered(v6))) {
    throw new TargetError('the host name could not be resolved');
  }
  return addresses;
}
