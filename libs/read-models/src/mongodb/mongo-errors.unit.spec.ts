import { describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import mongoose from 'mongoose';
import { isDuplicateKey, isNoCollection, isRefusedLogin, translateMongoError } from './mongo-errors.js';

const { BSON, MongoNetworkError, MongoServerError } = mongoose.mongo;
const server = (code: number, message = 'refused') => new MongoServerError({ code, message });
const named = (name: string) => Object.assign(new Error('gone'), { name });

describe('what the MongoDB driver throws', () => {
  it.each([
    ['a broken connection', new MongoNetworkError('reset'), 'STORE_UNAVAILABLE', true],
    ['a closed pool', named('MongoPoolClosedError'), 'STORE_UNAVAILABLE', true],
    ['no free connection in time', named('MongoWaitQueueTimeoutError'), 'STORE_UNAVAILABLE', true],
    ['a server that is no primary any more', server(10107), 'STORE_UNAVAILABLE', true],
    ['a server without a code', new MongoServerError({ message: 'something' }), 'STORE_UNAVAILABLE', true],
    ['a server that does not know the command', server(59), 'STORE_UNAVAILABLE', false],
    ['a full disk', server(14031), 'DISK_FULL', true],
    ['a document that is too large', server(10334), 'PAYLOAD_TOO_LARGE', false],
    ['a document that BSON cannot hold', new BSON.BSONError('no such key'), 'INVALID_REQUEST', false],
    ['a fault of this program', new TypeError('x is not a function'), 'INTERNAL', false],
    ['something that is no error', 'text', 'INTERNAL', false],
  ])('is told apart: %s', (_what, error, code, retryable) => {
    const translated = translateMongoError(error, 'MongoDB at host');
    expect(translated).toMatchObject({ code, retryable, cause: error, message: expect.stringContaining('MongoDB at host') });
  });

  it('is left alone where it says already what it is', () => {
    const error = new TuttiError('SHUTTING_DOWN', 'closed');
    expect(translateMongoError(error, 'MongoDB')).toBe(error);
  });

  it('is recognised where callers have an answer to it', () => {
    expect([isDuplicateKey(server(11000)), isDuplicateKey(server(1)), isDuplicateKey(new Error('E11000'))]).toEqual([true, false, false]);
    expect([isNoCollection(server(26)), isNoCollection(new MongoServerError({ message: 'ns not found' }))]).toEqual([true, true]);
    expect([isRefusedLogin(server(18)), isRefusedLogin(server(13))]).toEqual([true, false]);
  });
});
