import type { DeviceStatus } from './status.ts';

/** Where a device hangs, WGS 84. */
export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  /** Metres above sea level. */
  readonly altitude: number | null;
}

export type Environment = 'OUTDOOR' | 'INDOOR';
/** Whether the public is shown where a device hangs, or only the square of about 200 m that it hangs in. */
export type LocationPrivacy = 'EXACT' | 'ROUNDED';
export type Connectivity = 'WIFI' | 'LORAWAN' | 'HTTP' | 'OTHER';

/** What an operator says of a device. */
export interface DeviceFields {
  readonly name: string;
  readonly location: Location;
  readonly locationPrivacy: LocationPrivacy;
  readonly environment: Environment;
  readonly connectivity: Connectivity;
  /** Models of domain/sensor-model.ts. */
  readonly sensors: readonly string[];
  /** 16 hexadecimal digits, lower case. */
  readonly devEui: string | null;
  readonly tags: readonly string[];
}

/** A secret that a device may sign in with. Only its hash is known. */
export interface Secret {
  /** SHA-256, hex. */
  readonly hash: string;
  /** Null for the newest, which has no end. */
  readonly validUntilMs: number | null;
}

/** A device as it is stored. */
export interface Device extends DeviceFields {
  readonly id: string;
  readonly zoneId: string;
  /** The region of the zone that it was registered in, empty outside of all; it stays so for life, however far the device is moved. */
  readonly homeRegion: string;
  readonly registeredAtMs: number;
  readonly retiredAtMs: number | null;
  /** The user whose device it is; null for the platform's own. Never public. */
  readonly ownerId: string | null;
  /** Newest first. Empty once the device is retired. */
  readonly secrets: readonly Secret[];
}

/** A device and what its messages tell of it, at one moment. */
export interface DeviceNow extends Device {
  readonly status: DeviceStatus;
  /** Time of its newest reading. */
  readonly lastSeenAtMs: number | null;
  /** As the device last said. */
  readonly firmware: string | null;
}

/** How long a replaced secret stays valid, so that the device can be reached with its new one. */
export const REPLACED_SECRET_VALID_MS = 24 * 3_600_000;

/** Secrets that may be valid at once: each rotation within a day keeps one more alive. */
export const SECRETS_MAX = 10;

/** Whether another rotation would break the promise that a replaced secret stays valid for a day, or let secrets pile up. */
export function mayRotate(device: Device, nowMs: number): boolean {
  return validSecrets(device, nowMs).length < SECRETS_MAX;
}

/** The device with a new secret; the one that was newest ends a day from now. */
export function withNewSecret(device: Device, hash: string, nowMs: number): Device {
  const kept = validSecrets(device, nowMs).map((secret) => ({
    ...secret,
    validUntilMs: secret.validUntilMs ?? nowMs + REPLACED_SECRET_VALID_MS,
  }));
  return { ...device, secrets: [{ hash, validUntilMs: null }, ...kept] };
}

/** Secrets that are valid at this moment. */
export function validSecrets(device: Device, nowMs: number): readonly Secret[] {
  return device.secrets.filter((secret) => secret.validUntilMs === null || secret.validUntilMs > nowMs);
}

/** The device without the secrets that have ended, or undefined when none has. */
export function withoutEndedSecrets(device: Device, nowMs: number): Device | undefined {
  const secrets = validSecrets(device, nowMs);
  return secrets.length === device.secrets.length ? undefined : { ...device, secrets };
}

/** The device out of service: nothing signs in as it any more. */
export function retired(device: Device, nowMs: number): Device {
  return { ...device, retiredAtMs: nowMs, secrets: [] };
}

/** The device with no valid secret: nothing signs in as it until it is given a new one. */
export function withoutSecrets(device: Device): Device {
  return device.secrets.length === 0 ? device : { ...device, secrets: [] };
}

/** A device of an earlier version, with what it did not know yet. */
export function completed(device: Device): Device {
  const { ownerId = null, locationPrivacy = 'EXACT', homeRegion = '' } = device;
  return { ...device, ownerId, locationPrivacy, homeRegion };
}
