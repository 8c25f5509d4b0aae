import { describe, expect, it } from 'vitest';
import { ROLES, SCOPES } from './port.ts';
import { hasScope, scopesOf, userViewer, viewerKey } from './viewer.ts';

describe('the scopes of a role', () => {
  it('hold those of every role below', () => {
    ROLES.forEach((role, index) => {
      for (const below of ROLES.slice(0, index))
        expect(scopesOf(role)).toEqual(expect.arrayContaining([...scopesOf(below)]));
    });
  });

  it('are all there are for an admin, and none for nobody', () => {
    expect([...scopesOf('ADMIN')].sort()).toEqual([...SCOPES].sort());
    for (const scope of SCOPES) expect(hasScope({ kind: 'anonymous' }, scope)).toBe(false);
  });

  it('let a citizen read and own, and not manage', () => {
    const citizen = userViewer('u', 'CITIZEN');
    expect(hasScope(citizen, 'devices:own')).toBe(true);
    expect(hasScope(citizen, 'devices:manage')).toBe(false);
  });
});

describe('the key of a viewer', () => {
  it('does not depend on the session or the address', () => {
    expect(viewerKey(userViewer('u', 'ADMIN', { sessionId: 's', from: '127.0.0.1' }))).toBe(
      viewerKey(userViewer('u', 'ADMIN')),
    );
    expect(viewerKey({ kind: 'anonymous', from: '127.0.0.1' })).toBe(viewerKey({ kind: 'anonymous' }));
  });

  it('differs by person, by rights, and between a user and a key', () => {
    const key = { kind: 'key', keyId: 'u', userId: 'u', scopes: scopesOf('CITIZEN') } as const;
    const keys = [userViewer('u', 'CITIZEN'), userViewer('u', 'ADMIN'), userViewer('v', 'CITIZEN'), key].map(viewerKey);
    expect(new Set(keys).size).toBe(4);
  });
});
