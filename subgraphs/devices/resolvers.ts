import { audited } from '@greencity/platform/audit-log/audited';
import type { StreamEvent } from '@greencity/platform/graphql/port';
import { SCALARS } from '@greencity/platform/graphql/scalars';
import type { DeviceStatusChanged } from '@greencity/schema/events/device';
import type { Context } from './context.ts';
import { deviceMutations } from './device-resolvers.ts';
import { publicPlace } from './domain/public-place.ts';
import { storedSensor } from './domain/sensor-model.ts';
import type { MutationResolvers, Resolvers } from './generated/schema.ts';
import { identityMutations, identityQueries, identityTypes } from './identity-resolvers.ts';
import { isShownExactly, personOf } from './ownership.ts';

/** Most devices of a page when the client does not say. */
const PAGE_DEFAULT = 50;

/** Resolvers of this subgraph. Who may call which stands in the schema and is held in front of them. */
export const resolvers = {
  ...SCALARS,
  Query: {
    device: (_, { id }, { queries }) => queries.device(id) ?? null,
    devices: (_, { filter, first, after }, { queries }) =>
      queries.devices(filter ?? {}, first ?? PAGE_DEFAULT, after ?? undefined),
    nearestDevices: (_, { latitude, longitude, first }, { queries }) => queries.nearest({ latitude, longitude }, first),
    zone: (_, { id }, { queries }) => queries.zone(id) ?? null,
    zones: (_, __, { queries }) => queries.zones(),
    ownDevices: (_, __, { viewer, queries }) => queries.ownedBy(personOf(viewer).userId),
    ...identityQueries,
  },
  Mutation: audited({
    ...identityMutations,
    ...deviceMutations,
    saveZone: (_, { input }, { zones }) => zones.save(input),
    async deleteZone(_, { id }, { zones }) {
      await zones.delete(id);
      return id;
    },
  } satisfies MutationResolvers),
  Subscription: {
    deviceStatusChanged: {
      subscribe: (_, __, { queries, part }) => queries.statusChanges(part),
      resolve: ({ value }: StreamEvent<DeviceStatusChanged>, _: object, { queries }: Context) =>
        queries.deviceAt(value),
    },
  },
  Device: {
    __resolveReference: ({ id }, { queries }) => queries.device(id) ?? null,
    location: (device, _, { viewer }) =>
      isShownExactly(device, viewer) ? device.location : { ...publicPlace(device), altitude: null },
    devEui: (device, _, { viewer }) => (isShownExactly(device, viewer) ? device.devEui : null),
    owner: async ({ ownerId }, _, { identity }) =>
      ownerId === null ? null : ((await identity.users.get(ownerId)) ?? null),
    lastSeenAt: (device) => device.lastSeenAtMs,
    zone: (device, _, { queries }) => queries.zoneOf(device),
    sensors: (device) => device.sensors.map(storedSensor),
    registeredAt: (device) => device.registeredAtMs,
  },
  ClaimCode: {
    expiresAt: (code) => code.expiresAtMs,
    device: ({ deviceId }, _, { queries }) => queries.existingDevice(deviceId),
  },
  ...identityTypes,
  Zone: {
    __resolveReference: ({ id }, { queries }) => queries.zone(id) ?? null,
    deviceCount: (zone, _, { queries }) => queries.deviceCount(zone.id),
  },
} satisfies Resolvers;
