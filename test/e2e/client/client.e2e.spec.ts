import { afterAll, beforeAll } from '@jest/globals';
import { buildProduct } from '../../product/build.js';
import { cleanUp } from '../../product/standalone-process.js';
import { describeClient } from './client-suite.js';

const BUILD_LIMIT_MS = 120_000;

beforeAll(buildProduct, BUILD_LIMIT_MS);
afterAll(cleanUp);

describeClient('http');
describeClient('grpc');
