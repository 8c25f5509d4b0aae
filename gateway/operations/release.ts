import { createHash } from 'node:crypto';
import { AppError } from '@greencity/platform/errors';

/** The life of an app's version: tried, served, served with a notice, no longer served. */
export const RELEASE_STATES = ['draft', 'active', 'deprecated', 'retired'] as const;
export type ReleaseState = (typeof RELEASE_STATES)[number];

/** One operation of a release, as its app wrote it. */
export interface ReleasedOperation {
  /** SHA-256 of the text, hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** A version of an app with the operations that it sends. */
export interface Release {
  readonly app: string;
  readonly version: string;
  readonly state: ReleaseState;
  readonly operations: readonly ReleasedOperation[];
  readonly createdMs: number;
  /** When it came into its state. */
  readonly changedMs: number;
  /** When a deprecated release is to be retired. */
  readonly sunsetMs?: number;
}

const APP = /^[a-z0-9][a-z0-9-]{0,63}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Operations of one release. */
export const OPERATIONS_PER_RELEASE_MAX = 500;

/** The id of an operation: SHA-256 of its text, white space around it aside. */
export function operationId(text: string): string {
  return sha256(text.trim());
}

/** The id of the same text with the end of a line behind it, as files end: Relay's compiler and `sha256sum` count it. */
export function operationIdWithLineEnd(text: string): string {
  return sha256(`${text.trim()}\n`);
}

/** Whether an id is a text's, as it stands or without white space around it. */
export function isIdOf(id: string, text: string): boolean {
  return operationId(text) === id || sha256(text) === id;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** @throws AppError BAD_USER_INPUT for a name that cannot stand in an address or a file's path */
export function checkReleaseName(app: string, version: string): void {
  if (!APP.test(app))
    throw new AppError('BAD_USER_INPUT', 'app: must be 1 to 64 small letters, digits or -, and begin with no -');
  if (!VERSION.test(version))
    throw new AppError('BAD_USER_INPUT', 'version: must be 1 to 64 letters, digits, ., _ or -, as in 1.4.0');
}

export function releaseKey({ app, version }: Pick<Release, 'app' | 'version'>): string {
  return `${app}@${version}`;
}
