import { appErrorOf } from '@greencity/platform/graphql/subgraph-wire';
import type { SubgraphError, SubgraphResult } from '../port.ts';
import type { Failure } from './failure.ts';

/** The result in a subgraph's answer, or why it is none. Nothing of it is trusted: the merge takes over only what was asked for. */
export function resultOf(answer: unknown): SubgraphResult | Failure {
  if (!isRecord(answer)) return unreadable('not an object');
  const { data, errors, extensions } = answer;
  if (data !== undefined && data !== null && !isRecord(data)) return unreadable('data is not an object');
  if (errors !== undefined && !(Array.isArray(errors) && errors.every(isError)))
    return unreadable('errors are not errors');
  if (data === undefined && (errors === undefined || errors.length === 0) && extensions === undefined) {
    return unreadable('neither data nor errors');
  }
  return errors === undefined || errors.length === 0 ? { data } : { data, errors: errors.map(subgraphError) };
}

/** Parses an answer. Never throws. */
export function parsedAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isFailure(result: SubgraphResult | Failure): result is Failure {
  return 'kind' in result;
}

function unreadable(detail: string): Failure {
  return { kind: 'unreadable', detail };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isError(value: unknown): value is SubgraphError {
  if (!isRecord(value) || typeof value['message'] !== 'string') return false;
  const { path, extensions } = value;
  const placed = path === undefined || path === null || (Array.isArray(path) && path.every(isStep));
  return placed && (extensions === undefined || extensions === null || isRecord(extensions));
}

function isStep(step: unknown): boolean {
  return typeof step === 'string' || (typeof step === 'number' && Number.isInteger(step));
}

/** An error with a code of ours is that error again, so that the client hears the same as from a subgraph in this process. */
export function subgraphError({ message, path, extensions }: SubgraphError): SubgraphError {
  const error = { message, path: path ?? undefined, extensions: extensions ?? undefined };
  const originalError = appErrorOf(error);
  return originalError ? { ...error, originalError } : error;
}
