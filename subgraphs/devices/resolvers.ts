import type { StreamEvent } from '@greencity/platform/graphql/port';
import { SCALARS } from '@greencity/platform/graphql/scalars';
import type { DeviceStatusChanged } from '@greencity/schema/events/device';
import type { Context } from './context.ts';
import { storedSensor } from './domain/sensor-model.ts';
import type { Resolvers } from './generated/schema.ts';

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
    viewer: async (_, __, { viewer, identity }) =>
      viewer.kind === 'anonymous' ? null : ((await identity.user(viewer.userId)) ?? null),
  },
  Mutation: {
    signIn: (_, { email, password }, { identity }) => identity.signIn(email, password),
    refreshSession: (_, { refreshToken }, { identity }) => identity.refresh(refreshToken),
    async registerDevice(_, { input }, { devices, queries }) {
      const { id, credentials } = await devices.register(input);
      return { device: queries.existingDevice(id), credentials };
    },
    async updateDevice(_, { id, input }, { devices, queries }) {
      await devices.update(id, input);
      return queries.existingDevice(id);
    },
    rotateDeviceCredentials(_, { id }, { devices }) {
      return devices.rotateCredentials(id);
    },
    async retireDevice(_, { id }, { devices, queries }) {
      await devices.retire(id);
      return queries.existingDevice(id);
    },
    saveZone(_, { input }, { zones }) {
      return zones.save(input);
    },
    async deleteZone(_, { id }, { zones }) {
      await zones.delete(id);
      return id;
    },
  },
  Subscription: {
    deviceStatusChanged: {
      subscribe: (_, __, { queries, part }) => queries.statusChanges(part),
      resolve: ({ value }: StreamEvent<DeviceStatusChanged>, _: object, { queries }: Context) =>
        queries.deviceAt(value),
    },
  },
  Device: {
    __resolveReference: ({ id }, { queries }) => queries.device(id) ?? null,
    lastSeenAt: (device) => device.lastSeenAtMs,
    zone: (device, _, { queries }) => queries.zoneOf(device),
    sensors: (device) => device.sensors.map(storedSensor),
    registeredAt: (device) => device.registeredAtMs,
  },
  Session: {
    expiresAt: (session) => session.expiresAtMs,
  },
  Zone: {
    __resolveReference: ({ id }, { queries }) => queries.zone(id) ?? null,
    deviceCount: (zone, _, { queries }) => queries.deviceCount(zone.id),
  },
} satisfies Resolvers;
