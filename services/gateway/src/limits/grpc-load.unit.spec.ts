import { describe, expect, it } from '@jest/globals';
import { ROUTES } from '@tutti/rest-contract';
import { PUBLIC_SERVICES } from '../grpc/public-services.js';
import { loadOfCall } from './grpc-load.js';

const calls = PUBLIC_SERVICES.flatMap(({ definition }) => Object.values(definition).map(({ path }) => path));
/** What REST does not offer. */
const BY_GRPC_ALONE = ['/tutti.v1.AgentService/RegisterAgent'];

describe('what a call by gRPC counts for', () => {
  it.each(calls.filter((path) => !BY_GRPC_ALONE.includes(path)))('is a route that does the same: %s', (path) => {
    const { route, load } = loadOfCall(path);
    expect(ROUTES.find(({ id }) => id === route)?.load).toBe(load);
  });

  it.each([
    ['/tutti.v1.EventFeedService/Follow', { route: 'grpc:Follow', load: 'read' }],
    ['/tutti.v1.AgentService/RegisterAgent', { route: 'grpc:RegisterAgent', load: 'change' }],
  ])('is a bucket of its own where REST has no such route: %s', (path, expected) => {
    expect(loadOfCall(path)).toEqual(expected);
  });
});
