import { describe, expect, it } from 'vitest';
import { aDevice } from '../fixtures/device.ts';
import {
  mayRotate,
  REPLACED_SECRET_VALID_MS,
  retired,
  SECRETS_MAX,
  withNewSecret,
  withoutEndedSecrets,
} from './device.ts';

const hashes = (device: { readonly secrets: readonly { readonly hash: string }[] }) =>
  device.secrets.map((secret) => secret.hash);

describe('the secrets of a device', () => {
  it('are the new one and, for a day, the one before', () => {
    const rotated = withNewSecret(aDevice(), 'second', 1_000);
    expect(rotated.secrets).toEqual([
      { hash: 'second', validUntilMs: null },
      { hash: 'first', validUntilMs: 1_000 + REPLACED_SECRET_VALID_MS },
    ]);
    expect(withoutEndedSecrets(rotated, 1_000 + REPLACED_SECRET_VALID_MS - 1)).toBeUndefined();
    const ended = withoutEndedSecrets(rotated, 1_000 + REPLACED_SECRET_VALID_MS);
    expect(ended && hashes(ended)).toEqual(['second']);
  });

  it('each keep their day when they are rotated twice', () => {
    const twice = withNewSecret(withNewSecret(aDevice(), 'second', 0), 'third', 1);
    expect(twice.secrets.map((secret) => secret.validUntilMs)).toEqual([
      null,
      1 + REPLACED_SECRET_VALID_MS,
      REPLACED_SECRET_VALID_MS,
    ]);
  });

  it('do not pile up without end', () => {
    let device = aDevice();
    for (let count = 1; count < SECRETS_MAX; count += 1) {
      expect(mayRotate(device, 0)).toBe(true);
      device = withNewSecret(device, `${count}`, 0);
    }
    expect(mayRotate(device, 0)).toBe(false);
    expect(mayRotate(device, REPLACED_SECRET_VALID_MS)).toBe(true);
  });

  it('are gone once it is retired', () => {
    expect(retired(aDevice(), 7)).toMatchObject({ retiredAtMs: 7, secrets: [] });
  });
});
