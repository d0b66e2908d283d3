import { describe, expect, it } from '@jest/globals';
import { StartRunRequest, StartRunResponse } from './generated/tutti/v1/runs.js';

const request: StartRunRequest = {
  workflow: 'order-review',
  workflowVersion: 3,
  inputs: { text: 'Zürich \u{1F600}', number: -1.5, yes: true, nothing: null, list: [1, 'two', [], { deep: { deeper: null } }], empty: {} },
  labels: { project: 'library', '': 'empty key' },
  idempotencyKey: 'key-1',
  actor: 'user:ann',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

describe('generated messages', () => {
  it('come back whole from their encoding, with any JSON object as inputs', () => {
    expect(StartRunRequest.decode(StartRunRequest.encode(request).finish())).toEqual(request);
  });

  it('come back with the defaults for what was left out', () => {
    const { inputs, ...empty } = StartRunRequest.decode(new Uint8Array());
    expect(inputs).toBeUndefined();
    expect(empty).toEqual({ workflow: '', workflowVersion: 0, labels: {}, idempotencyKey: '', actor: '', traceparent: '' });
  });

  it('pass over fields of a newer version', () => {
    // Field 1000, varint 1.
    const newer = Uint8Array.from([...StartRunRequest.encode(request).finish(), 0xc0, 0x3e, 0x01]);
    expect(StartRunRequest.decode(newer)).toEqual(request);
  });

  it('carry positions beyond 32 bits as exact numbers', () => {
    const response: StartRunResponse = { runId: 'r-1', position: Number.MAX_SAFE_INTEGER, workflowVersion: 1, created: true };
    expect(StartRunResponse.decode(StartRunResponse.encode(response).finish())).toEqual(response);
  });

  it('refuse a position that no number holds exactly, rather than round it', () => {
    // Field 2, varint 2^53 + 1.
    const bytes = Uint8Array.from([0x10, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
    expect(() => StartRunResponse.decode(bytes)).toThrow('MAX_SAFE_INTEGER');
  });
});
