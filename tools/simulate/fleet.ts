/** The simulated nodes as the platform knows them: registered, with their credentials, and up to when each has sent. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Api } from '../operator/api.ts';
import { type DeviceCredentials, ensureDevice, forEachOfMany, saveZones } from '../operator/roster.ts';
import type { City, CityNode } from './city.ts';

const OWNER_ONLY = 0o600;
const PAGE = 200;

/** A node on duty. */
export interface Member {
  readonly node: CityNode;
  credentials: DeviceCredentials;
  /** Everything up to this moment has been sent, Unix ms. */
  sentToMs: number;
}

export interface FleetOptions {
  readonly api: Api;
  readonly city: City;
  /** Where passwords are kept between runs, so that a restart need not change 300 of them. */
  readonly credentialsFile: string | undefined;
  /** Nodes that have never sent begin here, Unix ms. */
  readonly fromMs: number;
  readonly signal: AbortSignal;
}

interface KnownDevice {
  readonly id: string;
  readonly status: string;
  readonly lastSeenAt: string | null;
}

const DEVICES = `query SimulatedDevices($after: String) {
  devices(filter: { search: "simulated" }, first: ${PAGE}, after: $after) {
    nodes { id status lastSeenAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface DevicesPage {
  readonly devices: {
    readonly nodes: readonly KnownDevice[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

async function knownDevices(api: Api): Promise<ReadonlyMap<string, KnownDevice>> {
  const known = new Map<string, KnownDevice>();
  for (let after: string | null | undefined = null; after !== undefined; ) {
    const { devices }: DevicesPage = await api.call<DevicesPage>(DEVICES, { after });
    for (const device of devices.nodes) known.set(device.id, device);
    after = devices.pageInfo.hasNextPage ? devices.pageInfo.endCursor : undefined;
  }
  return known;
}

async function savedPasswords(path: string | undefined): Promise<Readonly<Record<string, string | DeviceCredentials>>> {
  if (path === undefined) return {};
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, string | DeviceCredentials>;
  } catch {
    // Lost or damaged, they are made anew.
    return {};
  }
}

/** A password alone, where the user name is the node's id. */
function kept(id: string, credentials: DeviceCredentials): string | DeviceCredentials {
  return credentials.username === id ? credentials.password : credentials;
}

/** Keeps the passwords of all members. */
export async function savePasswords(path: string | undefined, members: readonly Member[]): Promise<void> {
  if (path === undefined) return;
  const passwords = Object.fromEntries(members.map(({ node, credentials }) => [node.id, kept(node.id, credentials)]));
  await writeFile(`${path}.tmp`, JSON.stringify(passwords), { mode: OWNER_ONLY });
  await rename(`${path}.tmp`, path);
}

/** Makes zones and devices where they are missing. A node that an operator has retired stays away. @throws ApiError */
export async function musterFleet(options: FleetOptions): Promise<readonly Member[]> {
  const { api, city, credentialsFile, fromMs, signal } = options;
  await saveZones(api, city.zones);
  const [known, saved] = await Promise.all([knownDevices(api), savedPasswords(credentialsFile)]);
  const active = city.nodes.filter(({ id }) => known.get(id)?.status !== 'RETIRED');
  const members = await forEachOfMany(active, async (node): Promise<Member | undefined> => {
    if (signal.aborted) return undefined;
    const device = known.get(node.id);
    const password = device ? saved[node.id] : undefined;
    const credentials =
      typeof password === 'string' ? { username: node.id, password } : (password ?? (await ensureDevice(api, node)));
    const seenMs = device?.lastSeenAt ? Date.parse(device.lastSeenAt) : fromMs;
    return { node, credentials, sentToMs: Math.max(seenMs, fromMs) };
  });
  const present = members.filter((member) => member !== undefined);
  if (present.length === active.length) await savePasswords(credentialsFile, present);
  return present;
}
