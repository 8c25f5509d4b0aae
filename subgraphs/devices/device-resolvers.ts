import type { MutationResolvers } from './generated/schema.ts';
import { personOf, requireOwnOrManaged } from './ownership.ts';

/** What is done to devices. Operators may do it to every device, and where it is theirs as well, owners to their own. */
export const deviceMutations = {
  async registerDevice(_, { input }, { devices, queries }) {
    const { id, credentials } = await devices.register(input);
    return { device: queries.existingDevice(id), credentials };
  },
  async updateDevice(_, { id, input }, { viewer, devices, queries }) {
    requireOwnOrManaged(queries.existingDevice(id), viewer);
    await devices.update(id, input);
    return queries.existingDevice(id);
  },
  rotateDeviceCredentials(_, { id }, { viewer, devices, queries }) {
    requireOwnOrManaged(queries.existingDevice(id), viewer);
    return devices.rotateCredentials(id);
  },
  async revokeDeviceCredentials(_, { id }, { viewer, devices, queries }) {
    requireOwnOrManaged(queries.existingDevice(id), viewer);
    await devices.revokeCredentials(id);
    return queries.existingDevice(id);
  },
  async retireDevice(_, { id }, { devices, queries }) {
    await devices.retire(id);
    return queries.existingDevice(id);
  },
  createClaimCode(_, { deviceId }, { viewer, claims, queries }) {
    requireOwnOrManaged(queries.existingDevice(deviceId), viewer);
    return claims.createCode(deviceId);
  },
  async claimDevice(_, { code }, { viewer, claims, queries }) {
    return queries.existingDevice(await claims.claim(code, personOf(viewer)));
  },
  async releaseDevice(_, { id }, { viewer, devices, queries }) {
    requireOwnOrManaged(queries.existingDevice(id), viewer);
    await devices.setOwner(id, null);
    return queries.existingDevice(id);
  },
} satisfies MutationResolvers;
