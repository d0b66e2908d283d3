import { describe, expect, it } from '@jest/globals';
import { readDocument } from '../reading/source-document.js';
import { findMeasures } from './measures.js';

const found = (text: string): readonly string[] =>
  findMeasures(readDocument(text).sentences).map((measure) => `${measure.kind} ${measure.value}`);

describe('measures', () => {
  it.each([
    ['Pages must load in under 2 seconds.', ['latency under 2 seconds']],
    ['The p95 response time is 150 ms.', ['latency 150 ms']],
    ['It handles 3,000 payments per second.', ['throughput 3,000 payments per second']],
    ['It supports 300 concurrent users.', ['users 300 concurrent users']],
    ['1,200 sensors report every 10 seconds.', ['devices 1,200 sensors', 'rate every 10 seconds']],
    ['It is available 99.9 % of the time.', ['availability 99.9 %']],
    ['Records are kept for 10 years.', ['retention for 10 years']],
    ['The RTO is 4 hours and the RPO is 15 minutes.', ['recovery-time 4 hours', 'recovery-point 15 minutes']],
    ['Files up to 20 MB can be uploaded.', ['size up to 20 MB']],
    ['It runs at 60 fps.', ['frame-rate 60 fps']],
    ['The budget is 400 EUR per month and the team of two people is small.', []],
    ['See NFR-6 users and chapter 12.', []],
  ])('in %j are %j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('leaves numbers in exclusions alone', () => {
    expect(found('## Out of scope\n\n- 5,000 users')).toEqual([]);
  });
});
