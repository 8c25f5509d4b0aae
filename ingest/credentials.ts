/** Who may connect: a device with a secret that is valid now. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Broker, SignIn } from '@greencity/platform/broker/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { DeviceChanged } from '@greencity/schema/events/device';

export interface Credentials {
  signIn(deviceId: string, secret: Uint8Array | undefined): Promise<SignIn>;
  /** Ends the session of a device that is retired or whose secret is no longer valid, from now until disposed. */
  guard(broker: Pick<Broker, 'disconnect'>): Disposable;
}

type Checked = Exclude<SignIn, { kind: 'accepted' }> | { readonly kind: 'accepted'; readonly secretHash: string };

export function credentials(directory: DeviceDirectory): Credentials {
  /** Hash of the secret that each device signed in with last. */
  const signedInWith = new Map<string, string>();

  function check(deviceId: string, secret: Uint8Array | undefined): Checked {
    const device = directory.device(deviceId);
    if (!device) return { kind: 'refused', reason: 'UNKNOWN_DEVICE' };
    if (device.retired) return { kind: 'refused', reason: 'RETIRED_DEVICE' };
    const secretHash = secret && matchingHash(device, secret);
    if (secretHash === undefined) return { kind: 'refused', reason: 'WRONG_CREDENTIALS' };
    return { kind: 'accepted', secretHash };
  }

  return {
    async signIn(deviceId, secret) {
      let checked = check(deviceId, secret);
      if (checked.kind === 'refused') {
        // It may have been registered, or given a new secret, a moment ago.
        await directory.caughtUp();
        checked = check(deviceId, secret);
      }
      if (checked.kind === 'refused') return checked;
      signedInWith.set(deviceId, checked.secretHash);
      return { kind: 'accepted' };
    },
    guard: (broker) =>
      directory.onDevice((device) => {
        const secretHash = signedInWith.get(device.deviceId);
        if (secretHash === undefined || (!device.retired && device.secretHashes.includes(secretHash))) return;
        signedInWith.delete(device.deviceId);
        broker.disconnect(device.deviceId);
      }),
  };
}

/** The valid hash that this secret has. Every one is compared, and in constant time. */
function matchingHash(device: DeviceChanged, secret: Uint8Array): string | undefined {
  const given = hash('sha256', secret, 'buffer');
  let found: string | undefined;
  for (const known of device.secretHashes) {
    const expected = Buffer.from(known, 'hex');
    if (expected.length === given.length && timingSafeEqual(expected, given)) found = known;
  }
  return found;
}
