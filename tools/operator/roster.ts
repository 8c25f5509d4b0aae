/** Devices and zones that a tool brings with it, made through the API. */
import { type Api, ApiError } from './api.ts';

/** Calls to the API at the same time. */
const CALLS_AT_ONCE = 4;

export interface DeviceDraft {
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Models, as in SDS011. */
  readonly sensors: readonly string[];
  readonly tags: readonly string[];
}

export interface DeviceCredentials {
  readonly username: string;
  readonly password: string;
}

export interface ZoneDraft {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Outer rings, each a closed list of [longitude, latitude] pairs. */
  readonly boundary: readonly (readonly (readonly [longitude: number, latitude: number])[])[];
}

const REGISTER = `mutation RegisterDevice($input: RegisterDeviceInput!) { registerDevice(input: $input) { credentials { username password } } }`;
const ROTATE = 'mutation RotateCredentials($id: ID!) { rotateDeviceCredentials(id: $id) { username password } }';
const SAVE_ZONE = 'mutation SaveZone($input: ZoneInput!) { saveZone(input: $input) { id } }';
const ZONES = '{ zones { id } }';

/** Registers a device, or gives one that exists new credentials. A sensor model that the platform does not know is left out. */
export async function ensureDevice(api: Api, draft: DeviceDraft): Promise<DeviceCredentials> {
  const { id, name, latitude, longitude, sensors, tags } = draft;
  const input = { id, name, location: { latitude, longitude }, environment: 'OUTDOOR', sensors, tags };
  try {
    const data = await api.call<{ registerDevice: { credentials: DeviceCredentials } }>(REGISTER, { input });
    return data.registerDevice.credentials;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'CONFLICT') {
      const data = await api.call<{ rotateDeviceCredentials: DeviceCredentials }>(ROTATE, { id });
      return data.rotateDeviceCredentials;
    }
    const unknown = /^input\.sensors\[(\d+)\]/.exec(error.field ?? '')?.[1];
    if (unknown === undefined) throw error;
    return await ensureDevice(api, { ...draft, sensors: sensors.filter((_, index) => index !== Number(unknown)) });
  }
}

/** Makes or replaces zones. */
export async function saveZones(api: Api, zones: readonly ZoneDraft[]): Promise<void> {
  for (const input of zones) await api.call(SAVE_ZONE, { input });
}

/** Ids of all zones that the platform has. */
export async function zoneIds(api: Api): Promise<readonly string[]> {
  const { zones } = await api.call<{ zones: readonly { readonly id: string }[] }>(ZONES);
  return zones.map(({ id }) => id).filter((id) => id !== 'outside');
}

/** Runs a task for each item, a few at the same time; the results keep the order. The first failure stops the rest. */
export async function forEachOfMany<I, O>(
  items: readonly I[],
  task: (item: I) => Promise<O>,
  atOnce = CALLS_AT_ONCE,
): Promise<readonly O[]> {
  const results: O[] = [];
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      const index = next;
      next += 1;
      try {
        results[index] = await task(items[index] as I);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
