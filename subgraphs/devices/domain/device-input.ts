import type { Connectivity, Device, DeviceFields, Environment, Location, LocationPrivacy } from './device.ts';
import { type Checked, type Fault, settle } from './fault.ts';
import { checkName, holdsControlCharacters, ID_REASON, isId } from './naming.ts';
import { SENSOR_MODELS, sensorModel } from './sensor-model.ts';

/** Limits of what an operator may write. */
export const SENSORS_MAX = 20;
export const TAGS_MAX = 20;
export const TAG_LENGTH_MAX = 50;

/** Altitudes where people live, with room to spare: the Dead Sea's shore lies at -430 m, La Rinconada at 5,100 m. */
const ALTITUDE_M: readonly [low: number, high: number] = [-500, 9_000];
const DEV_EUI = /^[0-9a-f]{16}$/;

interface LocationInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude?: number | null | undefined;
}

/** Fields as a client gives them: left out is unchanged, null clears what may be empty. */
export interface FieldsInput {
  readonly name?: string | null;
  readonly location?: LocationInput | null;
  readonly locationPrivacy?: LocationPrivacy | null;
  readonly environment?: Environment | null;
  readonly connectivity?: Connectivity | null;
  readonly sensors?: readonly string[] | null;
  readonly devEui?: string | null;
  readonly tags?: readonly string[] | null;
}

/** A new device as a client gives it. */
export interface RegistrationInput extends FieldsInput {
  readonly id?: string | null;
  readonly name: string;
  readonly location: LocationInput;
}

/** A checked registration; the id is null when the platform makes one. */
export interface Registration {
  readonly id: string | null;
  readonly fields: DeviceFields;
}

/** Checks a registration. Paths start with `input`. */
export function checkRegistration(input: RegistrationInput): Checked<Registration> {
  const faults: Fault[] = [];
  const id = input.id ?? null;
  if (id !== null && !isId(id)) faults.push({ path: 'input.id', reason: ID_REASON });
  const unset: DeviceFields = {
    name: '',
    location: { latitude: 0, longitude: 0, altitude: null },
    locationPrivacy: 'EXACT',
    environment: 'OUTDOOR',
    connectivity: 'WIFI',
    sensors: [],
    devEui: null,
    tags: [],
  };
  return settle(faults, { id, fields: readFields(unset, input, faults) });
}

/** Checks a change and applies it to the device's fields. Paths start with `input`. */
export function checkChange(device: Device, input: FieldsInput): Checked<DeviceFields> {
  const faults: Fault[] = [];
  return settle(faults, readFields(device, input, faults));
}

function readFields(before: DeviceFields, input: FieldsInput, faults: Fault[]): DeviceFields {
  for (const field of ['name', 'location', 'locationPrivacy', 'environment', 'connectivity', 'sensors'] as const) {
    if (input[field] === null) faults.push({ path: `input.${field}`, reason: 'must not be null' });
  }
  return {
    name: input.name == null ? before.name : checkName(input.name, 'input.name', faults),
    location: input.location == null ? before.location : checkLocation(input.location, faults),
    locationPrivacy: input.locationPrivacy ?? before.locationPrivacy,
    environment: input.environment ?? before.environment,
    connectivity: input.connectivity ?? before.connectivity,
    sensors: input.sensors == null ? before.sensors : checkSensors(input.sensors, faults),
    devEui: input.devEui === undefined ? before.devEui : checkDevEui(input.devEui, faults),
    tags: input.tags === undefined ? before.tags : checkTags(input.tags ?? [], faults),
  };
}

function checkLocation(input: LocationInput, faults: Fault[]): Location {
  const within = (path: string, value: number, [low, high]: readonly [number, number]) => {
    if (!(value >= low && value <= high)) faults.push({ path, reason: `must be ${low} to ${high}` });
  };
  within('input.location.latitude', input.latitude, [-90, 90]);
  within('input.location.longitude', input.longitude, [-180, 180]);
  if (input.altitude != null) within('input.location.altitude', input.altitude, ALTITUDE_M);
  return { latitude: input.latitude, longitude: input.longitude, altitude: input.altitude ?? null };
}

function checkSensors(names: readonly string[], faults: Fault[]): readonly string[] {
  if (names.length > SENSORS_MAX) {
    faults.push({ path: 'input.sensors', reason: `must be at most ${SENSORS_MAX}` });
    return [];
  }
  const models = new Set<string>();
  names.forEach((name, index) => {
    const path = `input.sensors[${index}]`;
    const model = sensorModel(name)?.model;
    if (model === undefined) faults.push({ path, reason: `must be one of ${SENSOR_MODELS.join(', ')}` });
    else if (models.has(model)) faults.push({ path, reason: `names ${model} a second time` });
    else models.add(model);
  });
  return [...models];
}

function checkDevEui(text: string | null, faults: Fault[]): string | null {
  if (text === null) return null;
  const devEui = text.toLowerCase();
  if (!DEV_EUI.test(devEui)) faults.push({ path: 'input.devEui', reason: 'must be 16 hexadecimal digits' });
  return devEui;
}

function checkTags(texts: readonly string[], faults: Fault[]): readonly string[] {
  if (texts.length > TAGS_MAX) {
    faults.push({ path: 'input.tags', reason: `must be at most ${TAGS_MAX}` });
    return [];
  }
  const tags = texts.map((text) => text.normalize('NFC').trim());
  tags.forEach((tag, index) => {
    if (tag.length === 0 || tag.length > TAG_LENGTH_MAX || holdsControlCharacters(tag)) {
      faults.push({ path: `input.tags[${index}]`, reason: `must be 1 to ${TAG_LENGTH_MAX} characters on one line` });
    }
  });
  return [...new Set(tags)];
}
