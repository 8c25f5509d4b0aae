import { isIPv6 } from 'node:net';

const GROUPS = 8;
const GROUPS_OF_A_HOUSEHOLD = 4;

/** What stands for one household or office when tries are counted: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [left = '', right] = (address.split('%', 1)[0] ?? '').split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [before, after] = [groups(left), right === undefined ? [] : groups(right)];
  const filled =
    right === undefined
      ? before
      : [...before, ...Array<string>(GROUPS - before.length - after.length).fill('0'), ...after];
  return `${filled
    .slice(0, GROUPS_OF_A_HOUSEHOLD)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
