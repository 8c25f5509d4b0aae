import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Documents as DocumentStore, Stored } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import type { CheckedOperation, OperationChecker } from './check.ts';
import { maxAgeOf } from './directives.ts';
import {
  checkReleaseName,
  OPERATIONS_PER_RELEASE_MAX,
  operationIdWithLineEnd,
  type Release,
  type ReleasedOperation,
  type ReleaseState,
  releaseKey,
} from './release.ts';

/** An operation as the gateway knows it: the best state of the releases that hold it. */
export interface RegisteredOperation extends CheckedOperation {
  readonly state: ReleaseState;
  /** The release that the state is from. */
  readonly release: Release;
  /** Seconds that clients may keep a public answer; undefined when the operation does not say. */
  readonly maxAgeS: number | undefined;
}

export interface Registry extends Disposable {
  /** The operation with this id; undefined when no release holds it. */
  operation(id: string): RegisteredOperation | undefined;
  /** All operations that are served: of active and deprecated releases. */
  served(): readonly RegisteredOperation[];
  /** Grows whenever a release changes. */
  readonly revision: number;
  releases(): readonly Release[];
  /** Registers a version of an app. The same again changes nothing; a draft may be replaced. @throws AppError BAD_USER_INPUT, CONFLICT */
  push(release: Pick<Release, 'app' | 'version'> & Pushed): Promise<Release>;
  /** @throws AppError NOT_FOUND, CONFLICT */
  move(app: string, version: string, to: Moved): Promise<Release>;
  /** Reads what other processes have changed. */
  refresh(): Promise<void>;
  /** Looks at every operation again: the schema is another one. */
  recheck(): void;
}

export interface Pushed {
  readonly texts: readonly string[];
  readonly state: 'draft' | 'active';
}

export interface Moved {
  readonly state: ReleaseState;
  readonly sunsetMs?: number;
}

export interface RegistryDependencies {
  /** The checker of the schema that is served now. */
  readonly checker: () => OperationChecker;
  /** Releases that come with the platform; they cannot be changed here. */
  readonly committed: readonly Release[];
  /** Where pushed releases are kept; without it, none can be pushed. */
  readonly store: DocumentStore | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const REFRESH_EVERY_MS = 15_000;
const PAGE = 200;
/** Which state of several releases counts for an operation that they share. */
const PRECEDENCE: readonly ReleaseState[] = ['active', 'deprecated', 'draft', 'retired'];

/** Opens the registry of apps, their versions and the operations that these send. Pushed releases are durable when `push` resolves. */
export async function openRegistry(dependencies: RegistryDependencies): Promise<Registry> {
  const { checker, committed, store, clock, log } = dependencies;
  const collection = await store?.collection<Release>({ name: 'operation-releases' });
  let pushed: ReadonlyMap<string, Stored<Release>> = new Map();
  let index: ReadonlyMap<string, RegisteredOperation> = new Map();
  let byLineEnd: ReadonlyMap<string, RegisteredOperation> = new Map();
  let revision = 0;
  const told = new Set<string>();
  const broken = (release: Release, operation: ReleasedOperation, mistakes: readonly string[]): void => {
    const what = `${releaseKey(release)} ${operation.id}`;
    if (told.has(what)) return;
    told.add(what);
    const { app, version, state } = release;
    log.warn(
      { app, version, state, operation: operation.name, mistakes },
      'a registered operation does not fit the schema',
    );
  };
  const recheck = (): void => {
    index = indexOf([...committed, ...[...pushed.values()].map(({ document }) => document)], checker(), broken);
    byLineEnd = new Map([...index.values()].map((operation) => [operationIdWithLineEnd(operation.text), operation]));
    revision += 1;
  };
  const rebuild = (next: ReadonlyMap<string, Stored<Release>>): void => {
    if (revision > 0 && sameVersions(pushed, next)) return;
    pushed = next;
    recheck();
  };
  const refresh = async (): Promise<void> => rebuild(collection ? await readAll(collection) : new Map());
  await refresh();
  const timer = collection && clock.every(REFRESH_EVERY_MS, () => refresh());
  const changes = changing({ ...dependencies, collection, refresh });
  return {
    operation: (id) => index.get(id) ?? byLineEnd.get(id),
    served: () => [...index.values()].filter(({ state }) => state === 'active' || state === 'deprecated'),
    get revision() {
      return revision;
    },
    releases: () => [...committed, ...[...pushed.values()].map(({ document }) => document)],
    ...changes,
    refresh,
    recheck,
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
}

function sameVersions(a: ReadonlyMap<string, Stored<Release>>, b: ReadonlyMap<string, Stored<Release>>): boolean {
  return a.size === b.size && [...b].every(([id, { version }]) => a.get(id)?.version === version);
}

async function readAll(collection: Collection<Release>): Promise<ReadonlyMap<string, Stored<Release>>> {
  const all = new Map<string, Stored<Release>>();
  let after: string | undefined;
  do {
    const page = await collection.find({ first: PAGE, ...(after === undefined ? {} : { after }) });
    for (const item of page.items) all.set(item.id, item);
    after = page.hasNextPage ? page.endCursor : undefined;
  } while (after !== undefined);
  return all;
}

type Broken = (release: Release, operation: ReleasedOperation, mistakes: readonly string[]) => void;

function indexOf(
  releases: readonly Release[],
  checker: OperationChecker,
  broken: Broken,
): ReadonlyMap<string, RegisteredOperation> {
  const index = new Map<string, RegisteredOperation>();
  for (const release of releases) {
    for (const operation of release.operations) {
      const known = index.get(operation.id);
      if (known && PRECEDENCE.indexOf(known.state) <= PRECEDENCE.indexOf(release.state)) continue;
      const check = checker.check(operation.text);
      if (check.kind === 'bad') {
        broken(release, operation, check.mistakes);
        continue;
      }
      const maxAgeS = maxAgeOf(checker.schema, check.operation.operation);
      index.set(operation.id, { ...check.operation, state: release.state, release, maxAgeS });
    }
  }
  return index;
}

interface Changing extends RegistryDependencies {
  readonly collection: Collection<Release> | undefined;
  readonly refresh: () => Promise<void>;
}

function changing({ checker, committed, collection, refresh, clock }: Changing): Pick<Registry, 'push' | 'move'> {
  const writable = (app: string, version: string): Collection<Release> => {
    checkReleaseName(app, version);
    const key = releaseKey({ app, version });
    if (committed.some((release) => releaseKey(release) === key))
      throw new AppError('CONFLICT', `${key} comes with the platform; change its files instead`);
    if (!collection) throw new AppError('UNAVAILABLE', 'there is no store for operations here');
    return collection;
  };
  return {
    async push({ app, version, texts, state }) {
      const releases = writable(app, version);
      const operations = checkedAll(checker(), texts);
      const key = releaseKey({ app, version });
      const nowMs = clock.nowMs();
      const stored = await releases.get(key);
      if (!stored) {
        await releases.insert(key, { app, version, state, operations, createdMs: nowMs, changedMs: nowMs });
      } else {
        const { document } = stored;
        if (document.state === 'retired') throw retiredForGood(key);
        const same = sameOperations(document.operations, operations);
        if (!same && document.state !== 'draft')
          throw new AppError('CONFLICT', `${key} is ${document.state} with other operations; push another version`);
        const moved = document.state === 'draft' ? state : document.state;
        if (!same || moved !== document.state)
          await releases.replace(key, stored.version, { ...document, operations, state: moved, changedMs: nowMs });
      }
      await refresh();
      return found(await releases.get(key), key).document;
    },
    async move(app, version, { state, sunsetMs }) {
      const releases = writable(app, version);
      const key = releaseKey({ app, version });
      const stored = found(await releases.get(key), key);
      if (stored.document.state === 'retired' && state !== 'retired') throw retiredForGood(key);
      const { sunsetMs: _, ...document } = stored.document;
      const moved = { ...document, state, changedMs: clock.nowMs(), ...(sunsetMs === undefined ? {} : { sunsetMs }) };
      await releases.replace(key, stored.version, moved);
      await refresh();
      return moved;
    },
  };
}

function retiredForGood(key: string): AppError {
  return new AppError('CONFLICT', `${key} is retired and stays so; push another version`);
}

function found<T>(stored: Stored<T> | undefined, key: string): Stored<T> {
  if (!stored) throw new AppError('NOT_FOUND', `no release ${key}`);
  return stored;
}

function sameOperations(a: Release['operations'], b: Release['operations']): boolean {
  const ids = new Set(a.map(({ id }) => id));
  return a.length === b.length && b.every(({ id }) => ids.has(id));
}

/** @throws AppError BAD_USER_INPUT that lists what is wrong with which operation */
function checkedAll(checker: OperationChecker, texts: readonly string[]): Release['operations'] {
  if (texts.length === 0 || texts.length > OPERATIONS_PER_RELEASE_MAX)
    throw new AppError('BAD_USER_INPUT', `operations: must be 1 to ${OPERATIONS_PER_RELEASE_MAX} documents`);
  const operations = new Map<string, ReleasedOperation>();
  const mistakes: string[] = [];
  for (const text of texts) {
    const check = checker.check(text);
    if (check.kind === 'bad') mistakes.push(`${check.name ?? 'a document'}: ${check.mistakes.join(' ')}`);
    else {
      const { id, name } = check.operation;
      if ([...operations.values()].some((other) => other.name === name && other.id !== id))
        mistakes.push(`${name}: the name stands twice.`);
      operations.set(id, { id, name, text: check.operation.text });
    }
  }
  if (mistakes.length > 0) throw new AppError('BAD_USER_INPUT', `operations: ${mistakes.join('; ')}`);
  return [...operations.values()];
}
