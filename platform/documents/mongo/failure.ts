import { MongoAPIError, MongoError, MongoNetworkError, MongoServerError, MongoSystemError } from 'mongodb';
import { AppError, type ErrorCode } from '../../errors.ts';

/** Codes of MongoDB, as `mongo/base/error_codes.yml` names them. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  /** Unauthorized, UserNotFound, AuthenticationFailed. */
  13: 'STORE_REFUSED',
  11: 'STORE_REFUSED',
  18: 'STORE_REFUSED',
  /** DuplicateKey. */
  11000: 'CONFLICT',
  /** OutOfDiskSpace, DiskUseThresholdExceeded is said by newer servers. */
  14031: 'STORE_UNWRITABLE',
  /** WriteConcernTimeout, UnsatisfiableWriteConcern, UserWritesBlocked. */
  64: 'STORE_UNWRITABLE',
  100: 'STORE_UNWRITABLE',
  371: 'STORE_UNWRITABLE',
  /** MaxTimeMSExpired, ShutdownInProgress, PrimarySteppedDown, NotWritablePrimary, the Interrupted… family, NotPrimaryNoSecondaryOk. */
  50: 'UNAVAILABLE',
  91: 'UNAVAILABLE',
  189: 'UNAVAILABLE',
  10107: 'UNAVAILABLE',
  11600: 'UNAVAILABLE',
  11602: 'UNAVAILABLE',
  13435: 'UNAVAILABLE',
  13436: 'UNAVAILABLE',
};

const DUPLICATE = /collection: [^.]+\.(\S+) index: (?:unique\.(\w+)\.)?/;

/** What a failure means; a mistake of ours stays as it is. */
export function failureOf(error: unknown, address: string): unknown {
  if (error instanceof AppError || !(error instanceof MongoError)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  return new AppError(code, code === 'CONFLICT' ? takenKey(error) : address, { cause: error });
}

function codeOf(error: MongoError): ErrorCode | undefined {
  const number = typeof error.code === 'number' ? error.code : undefined;
  if (number !== undefined && CODES[number]) return CODES[number];
  if (error instanceof MongoNetworkError || error instanceof MongoSystemError) return 'UNAVAILABLE';
  // The driver's own deadline, and a pool that was cleared because a server left.
  if (error.name === 'MongoOperationTimeoutError' || error.name.startsWith('MongoPool')) return 'UNAVAILABLE';
  if (error instanceof MongoAPIError) return error.name === 'MongoNotConnectedError' ? 'UNAVAILABLE' : undefined;
  if (error instanceof MongoServerError && error.hasErrorLabel('TransientTransactionError')) return 'UNAVAILABLE';
  return undefined;
}

/** `cities.code is taken`: the index is named by its field. */
function takenKey({ message }: MongoError): string {
  const [, collection = 'a collection', field = 'id'] = DUPLICATE.exec(message) ?? [];
  return `${collection}.${field} is taken`;
}
