import { describe, expect, it } from 'vitest';
import { aDevice } from '../fixtures/device.ts';
import {
  checkChange,
  checkRegistration,
  type RegistrationInput,
  SENSORS_MAX,
  TAG_LENGTH_MAX,
  TAGS_MAX,
} from './device-input.ts';
import { NAME_LENGTH_MAX } from './naming.ts';
import { SENSOR_MODELS } from './sensor-model.ts';

const input: RegistrationInput = {
  name: 'Rue de Rome 14',
  location: { latitude: 57.14, longitude: -2.09, altitude: 20 },
  environment: 'OUTDOOR',
  connectivity: 'WIFI',
  sensors: ['SDS011', 'DHT22'],
};

const faultsOf = (changes: Partial<RegistrationInput>) => {
  const checked = checkRegistration({ ...input, ...changes });
  return checked.kind === 'refused' ? checked.faults.map(({ path }) => path) : [];
};
const at = (latitude: number, longitude: number, altitude?: number) => ({
  location: { latitude, longitude, altitude },
});

describe('a registration', () => {
  it('takes what the contract shows, and fills in what is left out', () => {
    expect(checkRegistration({ name: ' Rome ', location: { latitude: 1, longitude: 2 } })).toEqual({
      kind: 'accepted',
      value: {
        id: null,
        fields: {
          name: 'Rome',
          location: { latitude: 1, longitude: 2, altitude: null },
          locationPrivacy: 'EXACT',
          environment: 'OUTDOOR',
          connectivity: 'WIFI',
          sensors: [],
          devEui: null,
          tags: [],
        },
      },
    });
  });

  it('takes the ends of the earth', () => {
    expect(faultsOf(at(90, 180, 9_000))).toEqual([]);
    expect(faultsOf(at(-90, -180, -500))).toEqual([]);
  });

  it.each([
    [at(90.1, 0), 'input.location.latitude'],
    [at(-90.1, 0), 'input.location.latitude'],
    [at(Number.NaN, 0), 'input.location.latitude'],
    [at(0, 180.1), 'input.location.longitude'],
    [at(0, 0, 9_001), 'input.location.altitude'],
    [{ id: '' }, 'input.id'],
    [{ id: 'a/b' }, 'input.id'],
    [{ id: 'a'.repeat(65) }, 'input.id'],
    [{ name: ' ' }, 'input.name'],
    [{ name: 'a'.repeat(NAME_LENGTH_MAX + 1) }, 'input.name'],
    [{ name: 'two\nlines' }, 'input.name'],
    [{ sensors: ['SDS011', 'SDS999'] }, 'input.sensors[1]'],
    [{ sensors: ['SDS011', 'sds011'] }, 'input.sensors[1]'],
    [{ sensors: Array.from({ length: SENSORS_MAX + 1 }, () => 'SDS011') }, 'input.sensors'],
    [{ devEui: '24e124' }, 'input.devEui'],
    [{ devEui: '24E124136B50217Z' }, 'input.devEui'],
    [{ tags: ['good', ''] }, 'input.tags[1]'],
    [{ tags: ['a'.repeat(TAG_LENGTH_MAX + 1)] }, 'input.tags[0]'],
    [{ tags: Array.from({ length: TAGS_MAX + 1 }, (_, index) => `${index}`) }, 'input.tags'],
  ] as const)('refuses %j and names %s', (changes, path) => {
    expect(faultsOf(changes)).toEqual([path]);
  });

  it('names everything that is wrong at once', () => {
    expect(faultsOf({ id: '?', name: '', ...at(91, 181) })).toEqual([
      'input.id',
      'input.name',
      'input.location.latitude',
      'input.location.longitude',
    ]);
  });

  it('lists the models that it knows', () => {
    const checked = checkRegistration({ ...input, sensors: ['SDS999'] });
    expect(checked).toMatchObject({
      kind: 'refused',
      faults: [{ reason: `must be one of ${SENSOR_MODELS.join(', ')}` }],
    });
  });

  it('writes models and EUIs in one way', () => {
    const checked = checkRegistration({ ...input, sensors: ['mh-z19b'], devEui: '24E124136B502170', tags: ['a', 'a'] });
    expect(checked).toMatchObject({
      value: { fields: { sensors: ['MH-Z19B'], devEui: '24e124136b502170', tags: ['a'] } },
    });
  });
});

describe('a change', () => {
  const device = aDevice({ devEui: '24e124136b502170', tags: ['roadside'] });
  const changed = (changes: Parameters<typeof checkChange>[1]) => checkChange(device, changes);

  it('leaves what it does not name', () => {
    expect(changed({ name: 'King Street' })).toMatchObject({
      value: { name: 'King Street', devEui: '24e124136b502170', tags: ['roadside'], sensors: ['SDS011'] },
    });
  });

  it('clears what may be empty by null', () => {
    expect(changed({ devEui: null, tags: null })).toMatchObject({ value: { devEui: null, tags: [] } });
  });

  it.each(['name', 'location', 'environment', 'connectivity', 'sensors'] as const)(
    'refuses null for the %s',
    (field) => {
      expect(changed({ [field]: null })).toEqual({
        kind: 'refused',
        faults: [{ path: `input.${field}`, reason: 'must not be null' }],
      });
    },
  );
});
