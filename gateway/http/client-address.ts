import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The header in which the client's address travels behind our own front door; what a client sends in it is overwritten. */
const ADDRESS = 'x-client-address';

/** Addresses of proxies whose `X-Forwarded-For` is believed. */
export type TrustedProxies = BlockList;

/** Reads addresses and CIDR ranges, as `10.0.0.0/8`; gives those that are none. This machine is always trusted: nobody else can connect from its loopback addresses. */
export function trustedProxies(entries: readonly string[]): {
  readonly proxies: TrustedProxies;
  readonly wrong: readonly string[];
} {
  const proxies = new BlockList();
  proxies.addSubnet('127.0.0.0', 8, 'ipv4');
  proxies.addAddress('::1', 'ipv6');
  const wrong = entries.filter((entry) => !add(proxies, entry));
  return { proxies, wrong };
}

function add(proxies: BlockList, entry: string): boolean {
  const [address = '', bits] = entry.split('/');
  const family = isIP(address);
  if (family === 0) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) {
    proxies.addAddress(address, type);
    return true;
  }
  const prefix = Number(bits);
  if (!/^\d+$/.test(bits) || prefix > (family === 4 ? 32 : 128)) return false;
  proxies.addSubnet(address, prefix, type);
  return true;
}

/** An IPv4 address that came in IPv6 clothes, as itself. */
function plain(address: string): string {
  if (!address.startsWith(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}

function believes(proxies: TrustedProxies, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && proxies.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Works out the client's address once for each request: the last one in `X-Forwarded-For` that no trusted proxy stands for. */
export function noteClientAddress(request: IncomingMessage, proxies: TrustedProxies): void {
  let address = plain(request.socket.remoteAddress ?? '');
  const given = request.headers['x-forwarded-for'];
  if (given === undefined) {
    request.headers[ADDRESS] = address;
    return;
  }
  const forwarded = fromTheEnd(String(given));
  while (believes(proxies, address)) {
    const { value: before } = forwarded.next();
    if (before === undefined) break;
    address = before;
  }
  request.headers[ADDRESS] = address;
}

/** The addresses of a list, the last first: no more of it is read than is asked for, however long a client made it. */
function* fromTheEnd(list: string): Generator<string, undefined> {
  for (let end = list.length; end >= 0; ) {
    // From before the beginning it would be looked for at the beginning.
    const at = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
    const entry = plain(list.slice(at + 1, end).trim());
    if (isIP(entry) !== 0) yield entry;
    end = at;
  }
  return undefined;
}

/** The address of the client; undefined when the connection is gone. */
export function clientAddress({ headers, socket }: IncomingMessage): string | undefined {
  const noted = headers[ADDRESS];
  if (typeof noted === 'string' && noted !== '') return noted;
  return socket.remoteAddress === undefined ? undefined : plain(socket.remoteAddress);
}

export function isLocal(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Whom an address stands for: one of IPv4 for itself, one of IPv6 for its network of 64 bits, which a household or a machine has for itself. */
export function clientKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
