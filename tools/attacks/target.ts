import { readFileSync } from 'node:fs';
import type { Platform } from '@greencity/app/e2e/platform';
import { operationId } from '@greencity/gateway/operations/release';

/** The platform under attack, seen from outside. */
export interface Target {
  readonly platform: Platform;
  /** Origin of HTTP, as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Address of graphql-transport-ws. */
  readonly socketUrl: string;
  /** A device that has sent something. */
  readonly deviceId: string;
  /** Id of a registered operation that asks for a device, as its variable `id`. */
  readonly operationId: string;
  /** Headers of a client behind a proxy on this machine: each host is another address, which limits hold for. `HERE` is a program on this machine itself. */
  from(host: number): Readonly<Record<string, string>>;
}

const DEVICE = new URL('../../schema/operations/rest/1/device.graphql', import.meta.url);

/** The host of a program on this machine, with no proxy between. */
export const HERE = 0;
/** Addresses for documentation, which belong to nobody. Source: RFC 5737. */
const ATTACKERS = '203.0.113.';
/** Where the other client calls from. */
export const BYSTANDER_ADDRESS = '198.51.100.7';

export function targetOf(platform: Platform, deviceId: string): Target {
  return {
    deviceId,
    operationId: operationId(readFileSync(DEVICE, 'utf8')),
    platform,
    url: platform.url,
    socketUrl: `${platform.url.replace('http', 'ws')}/graphql`,
    from: (host) => (host === HERE ? {} : { 'x-forwarded-for': `${ATTACKERS}${host}` }),
  };
}
