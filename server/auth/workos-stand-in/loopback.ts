const names = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

/** Whether a host name (without a port) is this machine's own. */
export const isLoopbackName = (name: string): boolean => names.has(name.toLowerCase());

/** Whether a URI is http or https on this machine, without a fragment. */
export function isLoopbackUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname, hash } = new URL(uri);
  return /^https?:$/.test(protocol) && isLoopbackName(hostname) && hash === '';
}

/** The host name of a Host header, which may carry a port. */
export function hostNameOf(header: string | undefined): string {
  return header && URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : '';
}
