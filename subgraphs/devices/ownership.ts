import { AppError } from '@greencity/platform/errors';
import type { UserViewer, Viewer } from '@greencity/platform/graphql/port';
import { hasScope } from '@greencity/platform/graphql/viewer';
import type { Device, DeviceNow } from './domain/device.ts';

/** Whether the viewer has the rights of the device's owner: it is, or it manages devices. */
export function isOwnOrManaged(device: Pick<Device, 'ownerId'>, viewer: Viewer): boolean {
  if (hasScope(viewer, 'devices:manage')) return true;
  return viewer.kind === 'user' && hasScope(viewer, 'devices:own') && device.ownerId === viewer.userId;
}

/** Whether the viewer is shown where the device hangs, and its hardware's id. */
export function isShownExactly(device: Pick<Device, 'ownerId' | 'locationPrivacy'>, viewer: Viewer): boolean {
  return device.locationPrivacy === 'EXACT' || isOwnOrManaged(device, viewer);
}

/** Lets owners and managers pass. @throws AppError FORBIDDEN */
export function requireOwnOrManaged(device: DeviceNow, viewer: Viewer): void {
  if (!isOwnOrManaged(device, viewer)) throw new AppError('FORBIDDEN', `device ${device.id} is not yours`);
}

/** The person who asks. @throws AppError FORBIDDEN for an API key, which is nobody's hands */
export function personOf(viewer: Viewer): UserViewer {
  if (viewer.kind === 'user') return viewer;
  throw new AppError('FORBIDDEN', 'an API key cannot do this: sign in');
}
