import { describe, expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

describe('a password', () => {
  it('matches its own hash and no other, and a hash is salted', async () => {
    const passwords = await createPasswords();
    const [hash, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(other).not.toBe(hash);
    expect(await passwords.matches('correct horse', hash)).toBe(true);
    expect(await passwords.matches('Correct horse', hash)).toBe(false);
    expect(await passwords.matches('', hash)).toBe(false);
  });

  it('matches nothing where there is no hash', async () => {
    const passwords = await createPasswords();
    expect(await passwords.matches('anything', null)).toBe(false);
  });

  it('is not hashed when it is longer than anybody types', async () => {
    const passwords = await createPasswords();
    expect(await passwords.matches('a'.repeat(257), null)).toBe(false);
  });

  it('is refused when too many wait, and served again afterwards', async () => {
    const passwords = await createPasswords();
    const outcomes = await Promise.allSettled(Array.from({ length: 53 }, () => passwords.matches('a', null)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => reason.code)).toEqual(['UNAVAILABLE']);
    expect(await passwords.matches('a', null)).toBe(false);
  });
});
