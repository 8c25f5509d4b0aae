/**
 * Credentials and rights of devices in Mosquitto's dynamic-security plugin. A user there has one password, and a device may have several secrets that are
 * valid at once: each secret is a user of its own, all with the role of their device. The first has the device's id as its name, others have a mark behind it.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { type Control, openControl } from '../broker/mosquitto/control.ts';
import type { MosquittoConnection } from '../broker/mosquitto/standing.ts';
import type { Logger } from '../log/port.ts';
import type { AllowedDevice, DeviceAccess, NewSecret } from './port.ts';

const ROOT = 'greencity/v1';
/** Not part of any device's id. */
const MARK = '~';
const MARK_LENGTH = 8;
/** Enough of a hash to know a secret by; the rest is nobody's business. */
const TAG_LENGTH = 16;
const PAGE = 500;
/** A start does not wait longer for a broker that does not answer: all but credentials works without it. */
const WAIT_AT_START_MS = 8_000;
const LIST = { command: 'listClients', verbose: true, count: PAGE } as const;
const THERE = /already exists/i;
const AWAY = /not found/i;

/** Users of one device: the tag of each one's secret by its name. */
type Users = Map<string, string>;

interface ListedClients {
  readonly totalCount: number;
  readonly clients: readonly {
    readonly username: string;
    readonly textname?: string;
    readonly roles?: readonly { readonly rolename: string }[];
  }[];
}

interface State {
  readonly control: Control;
  /** What the broker holds by device, as told by it at this connection; undefined until it was asked. */
  known: Promise<Map<string, Users>> | undefined;
}

const roleOf = (deviceId: string) => `device-${deviceId}`;
const tagOf = (hash: string) => hash.slice(0, TAG_LENGTH);

/** Its own topics, of which the desired settings are the platform's to publish. */
function rightsOf(deviceId: string): readonly object[] {
  const below = `${ROOT}/${deviceId}/#`;
  return [
    { acltype: 'publishClientSend', topic: `${ROOT}/${deviceId}/config`, priority: 1, allow: false },
    { acltype: 'publishClientSend', topic: below, priority: 0, allow: true },
    { acltype: 'publishClientReceive', topic: below, priority: 0, allow: true },
    { acltype: 'subscribePattern', topic: below, priority: 0, allow: true },
  ];
}

/** Connects as a user that may use `$CONTROL/dynamic-security`. One program at a time does so. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED */
export async function openMosquittoAccess(options: {
  readonly connection: MosquittoConnection;
  readonly log: Logger;
}): Promise<DeviceAccess> {
  const listeners = new Set<() => void>();
  const state: State = {
    control: openControl({
      ...options,
      clientId: `greencity-devices-${randomBytes(4).toString('hex')}`,
      onConnected() {
        state.known = undefined;
        for (const listener of listeners) listener();
      },
    }),
    known: undefined,
  };
  const { control } = state;
  const late = new AbortController();
  try {
    await Promise.race([control.connected(), after(WAIT_AT_START_MS, undefined, { signal: late.signal })]);
  } catch (error) {
    await control[Symbol.asyncDispose]();
    throw error;
  } finally {
    late.abort();
  }
  return {
    get trouble() {
      return control.trouble;
    },
    grant: (deviceId, secret) => grant(state, deviceId, secret),
    keepOnly: (device) => keepOnly(state, device),
    reconcile: (devices) => reconcile(state, devices),
    onBack(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}

async function knownUsers(state: State): Promise<Map<string, Users>> {
  state.known ??= listUsers(state.control);
  try {
    return await state.known;
  } catch (error) {
    state.known = undefined;
    throw error;
  }
}

/** Users that have the role of the device that their name begins with: all others are none of ours. */
async function listUsers(control: Control): Promise<Map<string, Users>> {
  const found = new Map<string, Users>();
  for (let offset = 0; ; offset += PAGE) {
    const { clients, totalCount } = await control.tell<ListedClients>({ ...LIST, offset });
    for (const { username, textname = '', roles = [] } of clients) {
      const deviceId = username.split(MARK)[0] ?? username;
      if (!roles.some(({ rolename }) => rolename === roleOf(deviceId))) continue;
      usersOf(found, deviceId).set(username, textname);
    }
    if (clients.length === 0 || offset + clients.length >= totalCount) return found;
  }
}

function usersOf(known: Map<string, Users>, deviceId: string): Users {
  const users = known.get(deviceId) ?? new Map<string, string>();
  known.set(deviceId, users);
  return users;
}

async function grant(state: State, deviceId: string, { text, hash }: NewSecret): Promise<string> {
  const { control } = state;
  const known = await knownUsers(state);
  const rolename = roleOf(deviceId);
  // Mosquitto writes its whole file at each change: none is asked for that is known to be there.
  if (!known.has(deviceId)) await control.settle({ command: 'createRole', rolename, acls: rightsOf(deviceId) }, THERE);
  const user = { command: 'createClient', password: text, textname: tagOf(hash), roles: [{ rolename }] };
  // The plain name may be that of an earlier secret, or of a user who is no device at all.
  const free = await control.settle({ ...user, username: deviceId }, THERE);
  const username = free ? deviceId : `${deviceId}${MARK}${hash.slice(0, MARK_LENGTH)}`;
  if (!free) await control.tell({ ...user, username });
  usersOf(known, deviceId).set(username, tagOf(hash));
  return username;
}

async function keepOnly(state: State, { deviceId, hashes }: AllowedDevice): Promise<void> {
  const { control } = state;
  const known = await knownUsers(state);
  const users = known.get(deviceId);
  if (!users) return;
  const kept = new Set(hashes.map(tagOf));
  for (const [username, tag] of [...users]) {
    if (kept.has(tag)) continue;
    // Its sessions end with it.
    await control.settle({ command: 'deleteClient', username }, AWAY);
    users.delete(username);
  }
  if (users.size > 0) return;
  await control.settle({ command: 'deleteRole', rolename: roleOf(deviceId) }, AWAY);
  known.delete(deviceId);
}

async function reconcile(state: State, devices: Iterable<AllowedDevice>): Promise<readonly string[]> {
  state.known = undefined;
  const known = await knownUsers(state);
  const lacking: string[] = [];
  const allowed = new Set<string>();
  for (const device of devices) {
    allowed.add(device.deviceId);
    const tags = new Set(known.get(device.deviceId)?.values());
    const [newest] = device.hashes;
    if (newest !== undefined && !tags.has(tagOf(newest))) lacking.push(device.deviceId);
    await keepOnly(state, device);
  }
  for (const deviceId of [...known.keys()]) if (!allowed.has(deviceId)) await keepOnly(state, { deviceId, hashes: [] });
  return lacking;
}
