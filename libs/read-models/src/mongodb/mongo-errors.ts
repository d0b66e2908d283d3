import { isTuttiError, TuttiError } from '@tutti/kernel';
import mongoose from 'mongoose';

const { MongoNetworkError, MongoServerError, MongoSystemError, BSON } = mongoose.mongo;

/** Driver errors of its own topology and pools: the server was not reached, or is being left. Their names; the classes are not all exported. */
const UNREACHED = new Set([
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'MongoExpiredSessionError',
]);

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const AUTHENTICATION_FAILED = 18;
const OUT_OF_DISK_SPACE = 14031;
const DUPLICATE_KEY = 11000;
const NAMESPACE_NOT_FOUND = 26;
const TOO_LARGE = new Set([10334, 17280, 17419, 17420]);
/** What the server answers to something it will never do: the request is not one it knows, so trying again makes no sense. */
const REFUSED_FOR_GOOD = new Set([2, 9, 14, 52, 59, 67, 72, 85, 86, 115, 238]);

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** The collection is not there; some servers say so without the code. */
export function isNoCollection(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === NAMESPACE_NOT_FOUND || error.message === 'ns not found');
}

/** `where` names server and database, without credentials. */
export function translateMongoError(error: unknown, where: string): TuttiError {
  if (isTuttiError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const unavailable = (retryable: boolean) =>
    new TuttiError('STORE_UNAVAILABLE', `${where} cannot be used: ${reason}`, { cause: error, retryable });
  if (error instanceof MongoServerError) {
    const code = Number(error.code);
    if (code === OUT_OF_DISK_SPACE) return new TuttiError('DISK_FULL', `the disk of ${where} is full: ${reason}`, { cause: error });
    if (TOO_LARGE.has(code))
      return new TuttiError('PAYLOAD_TOO_LARGE', `${where} takes no document of this size: ${reason}`, { cause: error });
    return unavailable(!REFUSED_FOR_GOOD.has(code));
  }
  if (error instanceof MongoNetworkError || error instanceof MongoSystemError) return unavailable(true);
  if (error instanceof Error && UNREACHED.has(error.name)) return unavailable(true);
  if (error instanceof BSON.BSONError || error instanceof RangeError) {
    return new TuttiError('INVALID_REQUEST', `${where} cannot hold this document: ${reason}`, { cause: error });
  }
  return new TuttiError('INTERNAL', `${where}: ${reason}`, { cause: error });
}

/** The server was reached and refuses the credentials. */
export function isRefusedLogin(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === AUTHENTICATION_FAILED;
}
