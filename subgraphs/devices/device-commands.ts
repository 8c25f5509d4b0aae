import { isDeepStrictEqual } from 'node:util';
import type { NewSecret } from '@greencity/platform/device-access/port';
import { AppError } from '@greencity/platform/errors';
import type { AccessKeeper } from './access-keeper.ts';
import {
  type Device,
  mayRotate,
  retired,
  SECRETS_MAX,
  withNewSecret,
  withoutEndedSecrets,
  withoutSecrets,
} from './domain/device.ts';
import { checkChange, checkRegistration, type FieldsInput, type RegistrationInput } from './domain/device-input.ts';
import { publicPlace } from './domain/public-place.ts';
import { newId, newSecret, secretHash } from './identity/secret.ts';
import { accepted, type Registry, replaceDevice, replaceDevices } from './registry.ts';

/** MQTT user name and password of a device; the password is known nowhere else. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Changes of devices. Each is stored, then told to the `devices` topic, and to the broker where it is about secrets; it resolves when all is done. A new secret
 * is told to the broker first: without it nothing is changed. One that is taken away stays so when the broker cannot be told, which is done later.
 * All may throw ENGINE_UNREACHABLE or ENGINE_REFUSED for a broker that keeps credentials itself.
 */
export interface DeviceCommands {
  /** @throws AppError BAD_USER_INPUT, CONFLICT for a taken id or EUI, TOO_COSTLY when the registry is full */
  register(input: RegistrationInput): Promise<{ readonly id: string; readonly credentials: Credentials }>;
  /** @throws AppError BAD_USER_INPUT, NOT_FOUND, CONFLICT for a taken EUI or a retired device */
  update(id: string, input: FieldsInput): Promise<void>;
  /** @throws AppError NOT_FOUND, CONFLICT for a retired device or too many rotations within a day */
  rotateCredentials(id: string): Promise<Credentials>;
  /** Ends every secret at once, and with it the device's connection. @throws AppError NOT_FOUND */
  revokeCredentials(id: string): Promise<void>;
  /** Gives a device to a user, or with null to nobody. False, and nothing is done, where it is not the device of `from`, when that is given. @throws AppError NOT_FOUND, CONFLICT for a retired device */
  setOwner(id: string, ownerId: string | null, from?: string | null): Promise<boolean>;
  /** Does nothing to a retired device. @throws AppError NOT_FOUND */
  retire(id: string): Promise<void>;
  /** Takes secrets that have ended out of the documents and tells so. */
  endSecrets(): Promise<void>;
}

/** Devices that one registry holds in memory. */
export const DEVICES_MAX = 100_000;

/** Commands on this registry. `onRetired` is called after a device was retired, or asked to be again. */
export function createDeviceCommands(
  registry: Registry,
  access: AccessKeeper,
  onRetired: (deviceId: string) => void,
): DeviceCommands {
  const { announcer, clock, inTurn, roster, store } = registry;

  /** Applies a change to a device that is in service, stores it and tells of it; one that changes nothing is not stored. */
  async function change(id: string, apply: (device: Device) => Device | Promise<Device>): Promise<void> {
    const { told, fewer } = await inTurn(async () => {
      const device = roster.get(id);
      if (!device) throw new AppError('NOT_FOUND', `device ${id}`);
      const next = await apply(device);
      if (isDeepStrictEqual(next, device)) return { told: Promise.resolve(), fewer: false };
      await replaceDevice(registry, next);
      return { told: announcer.announce([{ kind: 'device', id }]), fewer: takesSecrets(device, next) };
    });
    await Promise.all([told, fewer && access.tell(id)]);
  }

  /** The unique index would refuse it as well, without saying which field. */
  async function refuseTakenEui(devEui: string | null, id: string): Promise<void> {
    const taken = devEui === null ? undefined : await store.devices.getBy('devEui', devEui);
    if (taken && taken.id !== id) throw new AppError('CONFLICT', `input.devEui: ${devEui} belongs to another device`);
  }

  return {
    register: (input) => register(registry, access, { input, refuseTakenEui }),
    update: (id, input) =>
      change(id, async (device) => {
        refuseRetired(device);
        const fields = accepted(checkChange(device, input));
        await refuseTakenEui(fields.devEui, id);
        return { ...device, ...fields, zoneId: registry.zones.zoneIdAt(publicPlace(fields)) };
      }),
    async rotateCredentials(id) {
      const secret = aSecret();
      let username: string | undefined;
      try {
        await change(id, async (device) => {
          refuseRetired(device);
          if (!mayRotate(device, clock.nowMs())) {
            throw new AppError(
              'CONFLICT',
              `device ${id}: ${SECRETS_MAX} secrets are valid, and each stays so for a day`,
            );
          }
          username = await access.grant(id, secret);
          return withNewSecret(device, secret.hash, clock.nowMs());
        });
      } catch (cause) {
        if (username !== undefined) access.owe(id);
        throw cause;
      }
      return { username: username ?? id, password: secret.text };
    },
    revokeCredentials: (id) => change(id, withoutSecrets),
    async setOwner(id, ownerId, from) {
      let given = false;
      await change(id, (device) => {
        refuseRetired(device);
        given = from === undefined || device.ownerId === from;
        return given ? { ...device, ownerId } : device;
      });
      return given;
    },
    async retire(id) {
      await change(id, (device) => (device.retiredAtMs === null ? retired(device, clock.nowMs()) : device));
      onRetired(id);
    },
    async endSecrets() {
      const { told } = await inTurn(async () => {
        const changed = [...roster.all()]
          .map((device) => withoutEndedSecrets(device, clock.nowMs()))
          .filter((device) => device !== undefined);
        await replaceDevices(registry, changed);
        for (const { id } of changed) access.owe(id);
        return { told: announcer.announce(changed.map(({ id }) => ({ kind: 'device', id }))) };
      });
      await Promise.all([told, access.settle()]);
    },
  };
}

function refuseRetired(device: Device): void {
  if (device.retiredAtMs !== null) throw new AppError('CONFLICT', `device ${device.id} is retired`);
}

function aSecret(): NewSecret {
  const text = newSecret();
  return { text, hash: secretHash(text) };
}

/** Whether a change takes a secret away that a device had. */
function takesSecrets(before: Device, after: Device): boolean {
  const kept = new Set(after.secrets.map(({ hash }) => hash));
  return before.secrets.some(({ hash }) => !kept.has(hash));
}

interface Registration {
  readonly input: RegistrationInput;
  readonly refuseTakenEui: (devEui: string | null, id: string) => Promise<void>;
}

async function register(
  { announcer, clock, inTurn, roster, store, zones }: Registry,
  access: AccessKeeper,
  { input, refuseTakenEui }: Registration,
): Promise<{ readonly id: string; readonly credentials: Credentials }> {
  const registration = accepted(checkRegistration(input));
  const id = registration.id ?? newId('device');
  const secret = aSecret();
  const device: Device = {
    id,
    ...registration.fields,
    zoneId: '',
    homeRegion: '',
    registeredAtMs: clock.nowMs(),
    retiredAtMs: null,
    ownerId: null,
    secrets: [{ hash: secret.hash, validUntilMs: null }],
  };
  let username: string | undefined;
  try {
    const { told } = await inTurn(async () => {
      if (roster.get(id)) throw new AppError('CONFLICT', `input.id: the device ${id} exists already`);
      if (roster.size >= DEVICES_MAX) throw new AppError('TOO_COSTLY', `at most ${DEVICES_MAX} devices`);
      await refuseTakenEui(device.devEui, id);
      username = await access.grant(id, secret);
      const zoneId = zones.zoneIdAt(publicPlace(device));
      const placed = { ...device, zoneId, homeRegion: zones.get(zoneId)?.region ?? '' };
      await store.devices.insert(id, placed);
      roster.put(placed);
      return { told: announcer.announce([{ kind: 'device', id }]) };
    });
    await told;
  } catch (cause) {
    // Nobody was given the secret, so that the device must not stay: the caller registers it again under the same id.
    if (username !== undefined) await takeBack();
    throw cause;
  }
  return { id, credentials: { username: username ?? id, password: secret.text } };

  async function takeBack(): Promise<void> {
    access.owe(id);
    await inTurn(async () => {
      await store.devices.delete(id);
      roster.remove(id);
    });
  }
}
