import { AppError, ERRORS } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import { hasScope } from '@greencity/platform/graphql/viewer';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { GraphQLError } from 'graphql';
import { refusal } from '../errors.ts';
import { boundedCache } from '../planning/bounded-cache.ts';
import type { RegisteredOperation, Registry } from './registry.ts';
import { isIdOf, operationId } from './release.ts';

/**
 * What the platform makes of operations that nobody registered: `off` treats them as any other, `prefer` serves, counts and logs them,
 * `only` refuses them. Registered ones are found by their id in every mode.
 */
export const OPERATION_MODES = ['off', 'prefer', 'only'] as const;
export type OperationMode = (typeof OPERATION_MODES)[number];

/** The parts of a request that say which operation is meant, as the client sent them. */
export interface Asked {
  readonly query?: unknown;
  /** The id of a registered operation, `sha256:` in front of it or not. */
  readonly id?: unknown;
  /** Another spelling of `id`, of the GraphQL-over-HTTP draft. */
  readonly documentId?: unknown;
  /** `persistedQuery.sha256Hash` is a third spelling, that of automatic persisted queries. */
  readonly extensions?: unknown;
}

export type Resolution =
  | { readonly kind: 'source'; readonly source: string; readonly registered: RegisteredOperation | undefined }
  /** The request names no operation. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly status: number; readonly error: GraphQLError };

/** Finds the text of the operation that a client asks for: the same for every way in. */
export type ResolveOperation = (asked: Asked, viewer: Viewer) => Resolution;

export interface AskingDependencies {
  readonly registry: Registry;
  readonly mode: OperationMode;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const ID = /^(?:sha256:)?([0-9a-f]{64})$/i;
/** Unregistered operations that are written to the log, each once. */
const NOTED_MAX = 1_000;

export function operationResolver({ registry, mode, metrics, log }: AskingDependencies): ResolveOperation {
  const free = metrics.counter('gateway_unregistered_operations_total', 'Operations served that nobody registered.');
  const noted = boundedCache<true>(NOTED_MAX);
  const note = (text: string, id: string): void => {
    free.add();
    if (noted.get(id)) return;
    noted.set(id, true);
    log.info({ operationId: id, begins: text.slice(0, 80) }, 'an operation was served that nobody registered');
  };
  const byText = (query: string, viewer: Viewer): Resolution => {
    if (mode === 'off') return { kind: 'source', source: query, registered: undefined };
    const id = operationId(query);
    const registered = registry.operation(id);
    if (registered?.state === 'active' || registered?.state === 'deprecated')
      return { kind: 'source', source: registered.source, registered };
    if (mode === 'only' && !mayAskFreely(viewer))
      return refused(new AppError('UNREGISTERED_OPERATION', 'ask for a registered one by its id, or sign in'));
    if (mode === 'prefer') note(query, id);
    return { kind: 'source', source: query, registered: undefined };
  };
  const byId = (id: string, viewer: Viewer): Resolution => {
    const registered = registry.operation(id);
    if (!registered) return refused(new AppError('PERSISTED_QUERY_NOT_FOUND', id));
    const { state, release } = registered;
    if (state === 'retired')
      return refused(new AppError('OPERATION_RETIRED', `${registered.name} of ${release.app} ${release.version}`));
    if (state === 'draft' && mode === 'only' && !mayAskFreely(viewer))
      return refused(new AppError('PERSISTED_QUERY_NOT_FOUND', id));
    return { kind: 'source', source: registered.source, registered };
  };
  return (asked, viewer) => {
    const query = typeof asked.query === 'string' && asked.query !== '' ? asked.query : undefined;
    const given = idOf(asked);
    if (given === undefined) return query === undefined ? { kind: 'nothing' } : byText(query, viewer);
    const id = ID.exec(given.text)?.[1]?.toLowerCase();
    if (id === undefined) return refused(new AppError('BAD_USER_INPUT', 'id: must be a SHA-256 in hexadecimal'));
    if (query !== undefined) {
      if (isIdOf(id, query)) return byText(query, viewer);
      return refused(new AppError('BAD_USER_INPUT', 'id: is not the SHA-256 of the text beside it'));
    }
    const resolution = byId(id, viewer);
    return given.automatic && resolution.kind === 'refused' ? inWordsOfApq(resolution) : resolution;
  };
}

/** Whether a viewer may send operations that nobody registered where only registered ones are taken. */
export function mayAskFreely(viewer: Viewer): boolean {
  return hasScope(viewer, 'operations:free');
}

function idOf({
  id,
  documentId,
  extensions,
}: Asked): { readonly text: string; readonly automatic: boolean } | undefined {
  const plain = id ?? documentId;
  if (plain !== undefined && plain !== null) return { text: String(plain), automatic: false };
  const hash = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | null | undefined)?.persistedQuery
    ?.sha256Hash;
  return hash === undefined || hash === null ? undefined : { text: String(hash), automatic: true };
}

function refused(error: AppError): Resolution {
  return { kind: 'refused', status: ERRORS[error.code].status, error: refusal(error) };
}

/** Clients of automatic persisted queries know an unknown hash by this message, and send the text then. */
function inWordsOfApq(resolution: Extract<Resolution, { kind: 'refused' }>): Resolution {
  const { error } = resolution;
  if (error.extensions['code'] !== 'PERSISTED_QUERY_NOT_FOUND') return resolution;
  return { ...resolution, error: new GraphQLError('PersistedQueryNotFound', { extensions: error.extensions }) };
}
