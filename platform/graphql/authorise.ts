import { AppError } from '../errors.ts';
import { ROLES, type Role, type Viewer } from './port.ts';

/** Lets a viewer of at least this role pass. @throws AppError UNAUTHENTICATED when nobody is signed in, FORBIDDEN for a lower role and for a key. */
export function requireRole(viewer: Viewer, role: Role): void {
  if (viewer.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', `needs the role ${role}`);
  if (viewer.kind === 'key') throw new AppError('FORBIDDEN', `needs the role ${role}, this is an API key`);
  if (ROLES.indexOf(viewer.role) < ROLES.indexOf(role)) {
    throw new AppError('FORBIDDEN', `needs the role ${role}, this is ${viewer.role}`);
  }
}
