import type { Collection, Documents, Stored } from '@greencity/platform/documents/port';
import type { ClaimCode } from '../claims.ts';
import type { Device } from '../domain/device.ts';
import type { Activity } from '../domain/status.ts';
import type { Zone } from '../domain/zone.ts';
import type { ApiKey } from '../identity/api-keys.ts';
import type { RefreshFamily } from '../identity/refresh-tokens.ts';
import type { StoredUser } from '../identity/user.ts';

/** The documents that this subgraph owns. */
export interface Store {
  readonly devices: Collection<Device>;
  readonly zones: Collection<Zone>;
  /** A projection of the log, by device id. */
  readonly activity: Collection<Activity>;
  readonly users: Collection<StoredUser>;
  readonly refreshFamilies: Collection<RefreshFamily>;
  readonly apiKeys: Collection<ApiKey>;
  /** By the hash of their code. */
  readonly claimCodes: Collection<ClaimCode>;
}

const PAGE_DOCUMENTS = 1_000;

/** Opens the collections. Devices have no index but the unique one: every question about them is answered from memory. */
export async function openStore(documents: Documents): Promise<Store> {
  return {
    devices: await documents.collection<Device>({
      name: 'devices',
      // A retired device gives its EUI back, so that the same hardware can be registered again.
      unique: { devEui: (device) => (device.retiredAtMs === null ? (device.devEui ?? undefined) : undefined) },
      region: (device) => device.homeRegion ?? '',
    }),
    zones: await documents.collection<Zone>({ name: 'zones' }),
    activity: await documents.collection<Activity>({ name: 'device-activity' }),
    users: await documents.collection<StoredUser>({
      name: 'users',
      unique: { email: (user) => user.email },
      indexed: { role: (user) => user.role },
    }),
    refreshFamilies: await documents.collection<RefreshFamily>({
      name: 'refresh-families',
      indexed: { userId: (family) => family.userId, expiresAtMs: (family) => family.expiresAtMs },
    }),
    apiKeys: await documents.collection<ApiKey>({
      name: 'api-keys',
      indexed: { userId: (key) => key.userId, createdAtMs: (key) => key.createdAtMs },
    }),
    claimCodes: await documents.collection<ClaimCode>({
      name: 'claim-codes',
      indexed: { deviceId: (code) => code.deviceId, expiresAtMs: (code) => code.expiresAtMs },
    }),
  };
}

/** Every document of a collection, in order of id. */
export async function everyDocument<T>(collection: Collection<T>): Promise<readonly T[]> {
  return (await everyStored(collection)).map(({ document }) => document);
}

/** Every document of a collection with its id, in order of id. */
export async function everyStored<T>(collection: Collection<T>): Promise<readonly Stored<T>[]> {
  const all: Stored<T>[] = [];
  let after: string | undefined;
  do {
    const page = await collection.find({ first: PAGE_DOCUMENTS, ...(after && { after }) });
    all.push(...page.items);
    after = page.hasNextPage ? page.endCursor : undefined;
  } while (after);
  return all;
}
