import { describe, expect, it } from 'vitest';
import { readOidc } from './oidc-config.ts';

const PROVIDER = { OIDC_ISSUER: 'https://login.city.example/realms/staff', OIDC_AUDIENCE: 'greencity' };

function read(environment: Record<string, string>) {
  const mistakes: string[] = [];
  return { oidc: readOidc(environment, mistakes), mistakes };
}

describe('the settings of an external provider', () => {
  it('are none when nothing is set', () => {
    expect(read({})).toEqual({ oidc: undefined, mistakes: [] });
  });

  it('map its roles to ours, by our names in small letters when nothing is said', () => {
    const mapped = read({
      ...PROVIDER,
      OIDC_ROLE_CLAIM: 'realm_access.roles',
      OIDC_ROLES: 'air-ops=OPERATOR, a=b=ADMIN',
    });
    expect(mapped.oidc).toMatchObject({
      claim: 'realm_access.roles',
      roles: { 'air-ops': 'OPERATOR', 'a=b': 'ADMIN' },
    });
    expect(read(PROVIDER).oidc).toMatchObject({ claim: 'roles', roles: { operator: 'OPERATOR', admin: 'ADMIN' } });
    expect([...mapped.mistakes, ...read(PROVIDER).mistakes]).toEqual([]);
  });

  it('may be plain http on this machine only', () => {
    expect(read({ ...PROVIDER, OIDC_ISSUER: 'http://127.0.0.1:3000' }).mistakes).toEqual([]);
    for (const issuer of ['http://login.city.example', 'login.city.example', 'ftp://127.0.0.1'])
      expect(read({ ...PROVIDER, OIDC_ISSUER: issuer }).mistakes).toEqual([
        expect.stringContaining('OIDC_ISSUER must'),
      ]);
  });

  it('report what is missing or wrong', () => {
    expect(read({ OIDC_AUDIENCE: 'greencity' }).mistakes).toEqual([expect.stringContaining('OIDC_ISSUER must')]);
    expect(read({ OIDC_ISSUER: PROVIDER.OIDC_ISSUER }).mistakes).toEqual([
      expect.stringContaining('OIDC_AUDIENCE must'),
    ]);
    for (const roles of ['air-ops', 'air-ops=ROOT', '=ADMIN'])
      expect(read({ ...PROVIDER, OIDC_ROLES: roles }).mistakes).toEqual([expect.stringContaining('OIDC_ROLES must')]);
  });
});
