import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import { AppError, ERRORS } from '@greencity/platform/errors';
import type { Authenticate, Viewer } from '@greencity/platform/graphql/port';
import { hasScope } from '@greencity/platform/graphql/viewer';
import type { TellRefused } from '../authorisation/told-refusals.ts';
import { identityIn } from '../bearer.ts';
import { readBody } from '../http/body.ts';
import { parseJson } from '../http/json.ts';
import { methodNotAllowed, notFound, sendProblem } from '../http/problem.ts';
import type { Registry } from './registry.ts';
import { RELEASE_STATES, type Release, type ReleaseState } from './release.ts';

export interface ManagementDependencies {
  readonly registry: Registry;
  readonly authenticate: Authenticate;
  readonly audit: AuditLog | undefined;
  readonly tellRefused: TellRefused;
}

const PATH = '/api/operations';
/** What a method does to a release, by the name that the audit log has for it. */
const ACTIONS: Readonly<Record<string, string | undefined>> = { PUT: 'pushRelease', PATCH: 'moveRelease' };
const BODY_BYTES_MAX = 1024 * 1024;

/**
 * The registry for operators and their programs: `GET /api/operations` lists releases, `PUT /api/operations/{app}/{version}` pushes one,
 * `PATCH` of the same moves it to another state.
 */
export function operationsManagement({ registry, authenticate, audit, tellRefused }: ManagementDependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { viewer } = await identityIn(authenticate, request);
      const action = ACTIONS[request.method ?? ''];
      if (action && !hasScope(viewer, 'operations:manage')) await tellRefused(viewer, [action]);
      requireScope(viewer);
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (path === PATH) {
        if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(response, 'GET, HEAD');
        return sendJson(response, { releases: registry.releases().map(described) });
      }
      const [app, version, ...more] = path.slice(PATH.length + 1).split('/');
      if (app === undefined || version === undefined || more.length > 0) return notFound(response);
      if (request.method === 'GET' || request.method === 'HEAD')
        return sendJson(response, described(releaseOf(registry, app, version)));
      if (action === undefined) return methodNotAllowed(response, 'GET, HEAD, PUT, PATCH');
      const body = await jsonOf(request);
      const change = (): Promise<Release> =>
        request.method === 'PUT'
          ? registry.push({ app, version, ...pushedOf(body) })
          : registry.move(app, version, movedOf(body));
      const release = await writtenDown(
        { audit, viewer },
        { action, subject: [app, version, body['state'] ?? 'active'].join(' ') },
        change,
      );
      return sendJson(response, described(release));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { status, text } = ERRORS[error.code];
      const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
      sendProblem(response, status, { title: text, detail: error.subject, code: error.code, headers });
    }
  };
}

/** Does what is asked for, and writes to the audit log that it was done, or that somebody tried to change what is not there, before it is answered. */
async function writtenDown(
  { audit, viewer }: { readonly audit: AuditLog | undefined; readonly viewer: Viewer },
  deed: { readonly action: string; readonly subject: string },
  change: () => Promise<Release>,
): Promise<Release> {
  try {
    const release = await change();
    await audit?.record({ ...deed, outcome: 'DONE', viewer });
    return release;
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND')
      await audit?.record({ ...deed, outcome: 'REFUSED', viewer });
    throw error;
  }
}

function requireScope(viewer: Viewer): void {
  if (hasScope(viewer, 'operations:manage')) return;
  throw new AppError(
    viewer.kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    'needs the scope operations:manage',
  );
}

function releaseOf(registry: Registry, app: string, version: string): Release {
  const release = registry.releases().find((known) => known.app === app && known.version === version);
  if (!release) throw new AppError('NOT_FOUND', `no release ${app}@${version}`);
  return release;
}

/** A release as clients see it. */
function described({ app, version, state, operations, createdMs, changedMs, sunsetMs }: Release): unknown {
  const day = (ms: number | undefined) => (ms === undefined || ms === 0 ? null : new Date(ms).toISOString());
  return {
    ...{ app, version, state, committed: createdMs === 0 },
    ...{ createdAt: day(createdMs), changedAt: day(changedMs), sunset: day(sunsetMs) },
    operations,
  };
}

async function jsonOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readBody(request, { bytesMax: BODY_BYTES_MAX });
  if (body.kind === 'too-large') throw new AppError('BAD_USER_INPUT', `the body: at most ${BODY_BYTES_MAX} bytes`);
  const json = body.kind === 'text' ? parseJson(body.text) : undefined;
  const value = json && 'value' in json ? json.value : undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new AppError('BAD_USER_INPUT', 'the body: must be an object in JSON');
}

function pushedOf({ operations, state = 'active' }: Readonly<Record<string, unknown>>) {
  if (state !== 'draft' && state !== 'active')
    throw new AppError('BAD_USER_INPUT', 'state: a pushed release is draft or active');
  if (!Array.isArray(operations) || !operations.every((text) => typeof text === 'string'))
    throw new AppError('BAD_USER_INPUT', 'operations: must be a list of documents, each a text');
  return { texts: operations as readonly string[], state: state as 'draft' | 'active' };
}

function movedOf({ state, sunset }: Readonly<Record<string, unknown>>) {
  const known = RELEASE_STATES.find((one) => one === state);
  if (known === undefined) throw new AppError('BAD_USER_INPUT', `state: must be one of ${RELEASE_STATES.join(', ')}`);
  const sunsetMs = sunset === undefined || sunset === null ? undefined : Date.parse(String(sunset));
  if (Number.isNaN(sunsetMs))
    throw new AppError('BAD_USER_INPUT', 'sunset: must be a time such as 2027-06-01T00:00:00Z');
  return sunsetMs === undefined ? { state: known as ReleaseState } : { state: known as ReleaseState, sunsetMs };
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}
