import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { UserViewer } from '@greencity/platform/graphql/port';
import { hasScope, scopesOf } from '@greencity/platform/graphql/viewer';
import type { Fault } from '../domain/fault.ts';
import { checkName } from '../domain/naming.ts';
import { type ApiKey, type ApiKeys, type ApiKeyWithText, readScopes } from './api-keys.ts';
import type { Users } from './users.ts';

/** A key as somebody asks for it. */
export interface ApiKeyInput {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  readonly dailyQuota?: number;
  readonly userId?: string | null | undefined;
}

/** Keys in the hands of those who may have them: partners theirs, admins everybody's. */
export interface PartnerKeys {
  /** @throws AppError BAD_USER_INPUT, FORBIDDEN, NOT_FOUND, TOO_COSTLY beyond 20 keys */
  create(viewer: UserViewer, input: ApiKeyInput): Promise<ApiKeyWithText>;
  list(viewer: UserViewer): Promise<readonly ApiKey[]>;
  /** Secrets of a key that are valid now. */
  activeSecrets(key: ApiKey): number;
  /** @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT, BAD_USER_INPUT */
  rotate(viewer: UserViewer, id: string, previousValidMs?: number): Promise<ApiKeyWithText>;
  /** @throws AppError NOT_FOUND, FORBIDDEN */
  revoke(viewer: UserViewer, id: string): Promise<ApiKey>;
}

const DAY_MS = 24 * 3_600_000;
const EXPIRES_WITHIN_MS = 400 * DAY_MS;
const PREVIOUS_VALID_MAX_MS = 30 * DAY_MS;
const PREVIOUS_VALID_MS = 7 * DAY_MS;
/** As the schema says. */
const QUOTA_DEFAULT = 10_000;
const QUOTA_MAX = 10_000_000;
const KEYS_PER_USER_MAX = 20;

export interface PartnerKeysOptions {
  readonly apiKeys: ApiKeys;
  readonly users: Users;
  readonly clock: Clock;
}

/** What stands between people and these keys. */
export function createPartnerKeys({ apiKeys, users, clock }: PartnerKeysOptions): PartnerKeys {
  async function ownKey(viewer: UserViewer, id: string): Promise<void> {
    const key = await apiKeys.get(id);
    if (!key) throw new AppError('NOT_FOUND', `API key ${id}`);
    if (key.userId !== viewer.userId && !hasScope(viewer, 'admin:*'))
      throw new AppError('FORBIDDEN', `API key ${id} belongs to somebody else`);
  }

  return {
    async create(viewer, input) {
      const userId = input.userId ?? viewer.userId;
      if (userId !== viewer.userId && !hasScope(viewer, 'admin:*'))
        throw new AppError('FORBIDDEN', 'input.userId: only an admin makes keys for others');
      const owner = await users.get(userId);
      if (!owner) throw new AppError('NOT_FOUND', `user ${userId}`);
      const name = checked(input, clock.nowMs());
      const scopes = readScopes(input.scopes);
      const beyond = scopes.findIndex((scope) => !scopesOf(owner.role).includes(scope));
      if (beyond >= 0)
        throw new AppError('FORBIDDEN', `input.scopes[${beyond}]: the key's owner does not have ${scopes[beyond]}`);
      const live = (await apiKeys.list(userId)).filter(
        (key) => key.revokedAtMs === null && key.expiresAtMs > clock.nowMs(),
      );
      if (live.length >= KEYS_PER_USER_MAX)
        throw new AppError('TOO_COSTLY', `at most ${KEYS_PER_USER_MAX} keys a user`);
      const { expiresAt: expiresAtMs, dailyQuota = QUOTA_DEFAULT } = input;
      return await apiKeys.create({ name, userId, scopes: [...new Set(scopes)], expiresAtMs, dailyQuota });
    },
    list: (viewer) => apiKeys.list(hasScope(viewer, 'admin:*') ? undefined : viewer.userId),
    activeSecrets: (key) => apiKeys.activeSecrets(key),
    async rotate(viewer, id, previousValidMs = PREVIOUS_VALID_MS) {
      await ownKey(viewer, id);
      if (previousValidMs > PREVIOUS_VALID_MAX_MS)
        throw new AppError('BAD_USER_INPUT', 'previousValidFor: must be at most P30D');
      return await apiKeys.rotate(id, previousValidMs);
    },
    async revoke(viewer, id) {
      await ownKey(viewer, id);
      return await apiKeys.revoke(id);
    },
  };
}

/** The key's name, when nothing is wrong with what was asked for. */
function checked({ name, scopes, expiresAt, dailyQuota = QUOTA_DEFAULT }: ApiKeyInput, nowMs: number): string {
  const faults: Fault[] = [];
  const accepted = checkName(name, 'input.name', faults);
  if (scopes.length === 0) faults.push({ path: 'input.scopes', reason: 'must name at least one scope' });
  if (expiresAt <= nowMs || expiresAt > nowMs + EXPIRES_WITHIN_MS)
    faults.push({ path: 'input.expiresAt', reason: 'must lie ahead, within 400 days' });
  if (dailyQuota < 1 || dailyQuota > QUOTA_MAX)
    faults.push({ path: 'input.dailyQuota', reason: `must be 1 to ${QUOTA_MAX}` });
  if (faults.length > 0)
    throw new AppError('BAD_USER_INPUT', faults.map(({ path, reason }) => `${path}: ${reason}`).join('; '));
  return accepted;
}
