import type { Page } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { Context } from './context.ts';
import type { MutationResolvers, QueryResolvers, Resolvers } from './generated/schema.ts';
import { personOf } from './ownership.ts';

const USERS_PAGE_MAX = 200;
const AUDIT_PAGE_MAX = 1_000;

/** Questions about users, sessions, keys and the audit log. */
export const identityQueries = {
  viewer: async (_, __, { viewer, identity }) =>
    viewer.kind === 'anonymous' ? null : ((await identity.users.get(viewer.userId)) ?? null),
  sessions: (_, __, { viewer, identity }) => identity.sessions.ofUser(personOf(viewer).userId),
  apiKeys: (_, __, { viewer, apiKeys }) => apiKeys.list(personOf(viewer)),
  users: async (_, { first, after }, { identity }) =>
    connection(await identity.users.page(pageOf(first, USERS_PAGE_MAX), after ?? undefined)),
  auditLog: async (_, { first, after }, { audit }) =>
    connection(await audit.page(pageOf(first, AUDIT_PAGE_MAX), after ?? undefined)),
  signingKeys: (_, __, { identity }) => identity.signingKeys.states(),
} satisfies QueryResolvers;

/** What is done to users, sessions and keys. */
export const identityMutations = {
  signIn: (_, { email, password }, { viewer, identity }) => identity.signIn(email, password, viewer.from),
  refreshSession: (_, { refreshToken }, { viewer, identity }) => identity.refresh(refreshToken, viewer.from),
  async signOut(_, __, { viewer, identity }) {
    const { userId, sessionId } = personOf(viewer);
    if (sessionId === undefined) throw new AppError('NOT_FOUND', 'this token belongs to no session');
    await identity.sessions.end(sessionId, userId);
    return sessionId;
  },
  async revokeSession(_, { id }, { viewer, identity }) {
    await identity.sessions.end(id, personOf(viewer).userId);
    return id;
  },
  changePassword(_, { input }, { viewer, identity }) {
    const { userId, sessionId } = personOf(viewer);
    return identity.users.changePassword(userId, { ...input, sessionId });
  },
  createUser: async (_, { input }, { identity }) => shown(await identity.users.create(input)),
  changeUserRole: (_, { id, role }, { identity }) => identity.users.changeRole(id, role),
  disableUser: (_, { id }, { identity }) => identity.users.disable(id),
  enableUser: (_, { id }, { identity }) => identity.users.enable(id),
  resetUserPassword: async (_, { id }, { identity }) => shown(await identity.users.resetPassword(id)),
  createApiKey: (_, { input }, { viewer, apiKeys }) => apiKeys.create(personOf(viewer), input),
  rotateApiKey: (_, { id, previousValidFor }, { viewer, apiKeys }) =>
    apiKeys.rotate(personOf(viewer), id, previousValidFor ?? undefined),
  revokeApiKey: (_, { id }, { viewer, apiKeys }) => apiKeys.revoke(personOf(viewer), id),
  async rotateSigningKey(_, __, { identity }) {
    await identity.signingKeys.rotate();
    return identity.signingKeys.states();
  },
  async revokeSigningKey(_, { id }, { identity }) {
    await identity.signingKeys.revoke(id);
    return identity.signingKeys.states();
  },
} satisfies MutationResolvers;

/** Fields of users, sessions, keys and audit entries. */
export const identityTypes = {
  Session: { expiresAt: (session) => session.expiresAtMs },
  UserAccount: {
    user: (user) => user,
    createdAt: (user) => user.createdAtMs,
    disabledAt: (user) => user.disabledAtMs ?? null,
    externalIssuer: (user) => user.external?.issuer ?? null,
  },
  SignedInSession: {
    startedAt: (session) => session.startedAtMs,
    usedAt: (session) => session.usedAtMs,
    expiresAt: (session) => session.expiresAtMs,
    current: ({ id }, _: object, { viewer }: Context) =>
      viewer.kind === 'user' && viewer.sessionId === id ? 'THIS' : 'ANOTHER',
  },
  ApiKey: {
    scopes: (key) => key.scopes,
    createdAt: (key) => key.createdAtMs,
    expiresAt: (key) => key.expiresAtMs,
    lastUsedAt: (key) => key.lastUsedAtMs,
    revokedAt: (key) => key.revokedAtMs,
    activeSecrets: (key, _: object, { apiKeys }: Context) => apiKeys.activeSecrets(key),
  },
  SigningKey: { id: (key) => key.keyId, signsFrom: (key) => key.signsFromMs },
  AuditEntry: { at: (entry) => entry.atMs },
} satisfies Resolvers;

function shown({ user, password }: { readonly user: object; readonly password: string | undefined }) {
  return { user: user as never, password: password ?? null };
}

function pageOf(first: number, max: number): number {
  if (first < 1) throw new AppError('BAD_USER_INPUT', `first: must be 1 to ${max}`);
  if (first > max) throw new AppError('TOO_COSTLY', `first: at most ${max}`);
  return first;
}

function connection<T>({ items, totalCount, endCursor, hasNextPage }: Page<T>) {
  return {
    nodes: items.map(({ document }) => document),
    totalCount,
    pageInfo: { hasNextPage, endCursor: endCursor ?? null },
  };
}
