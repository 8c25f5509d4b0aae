import { ROLES, type Role, type Scope, type UserViewer, type Viewer } from './port.ts';

const GRANTED: Readonly<Record<Role, readonly Scope[]>> = {
  CITIZEN: ['measurements:read', 'devices:own', 'alerts:subscribe'],
  RESEARCHER: ['measurements:export', 'operations:free'],
  PARTNER: ['partners:webhook'],
  OPERATOR: ['devices:manage', 'alerts:manage', 'alerts:ack', 'operations:manage'],
  ADMIN: ['admin:*'],
};

const SCOPES_OF = Object.fromEntries(
  ROLES.map((role, index) => [role, Object.freeze(ROLES.slice(0, index + 1).flatMap((below) => GRANTED[below]))]),
) as unknown as Readonly<Record<Role, readonly Scope[]>>;

/** The scopes of a role, those of the roles below it included. */
export function scopesOf(role: Role): readonly Scope[] {
  return SCOPES_OF[role];
}

/** Somebody signed in with this role and all its scopes. */
export function userViewer(userId: string, role: Role, more: Pick<UserViewer, 'sessionId' | 'from'> = {}): UserViewer {
  return { kind: 'user', userId, role, scopes: scopesOf(role), ...more };
}

/** Whether the viewer has this scope. */
export function hasScope(viewer: Viewer, scope: Scope): boolean {
  return viewer.kind !== 'anonymous' && viewer.scopes.includes(scope);
}

/** Equal for viewers who see the same: who they are and what they may, not where they come from. For keys of groups and caches. */
export function viewerKey(viewer: Viewer): string {
  if (viewer.kind === 'anonymous') return 'anonymous';
  const id = viewer.kind === 'user' ? viewer.userId : viewer.keyId;
  return JSON.stringify([viewer.kind, id, viewer.scopes]);
}
