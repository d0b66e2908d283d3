import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '../load-config.js';
import { tracesUrl, tracingConfig, withOtelSettings } from './tracing.config.js';

const schema = z.object({ tracing: tracingConfig });
const read = (env: Readonly<Record<string, string>>, yaml: string | null = null) =>
  loadConfig(schema, { yaml, env: withOtelSettings(env, env) }).tracing;

describe('tracing in the configuration', () => {
  it('is off by default', () => {
    expect(read({})).toMatchObject({ endpoint: '', ratio: 1, headers: {}, protocol: 'http/protobuf' });
  });

  it('is read from OpenTelemetry’s own variables', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20x%3D,x-team=blue',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_SERVICE_NAME: 'orders',
    };
    expect(read(env)).toMatchObject({
      ...{ endpoint: 'http://collector:4318', protocol: 'http/json', ratio: 0.25, serviceName: 'orders' },
      headers: { authorization: 'Basic x=', 'x-team': 'blue' },
    });
  });

  it('is read from the file, over which the variables win, and over them our own', () => {
    const yaml = 'tracing: {endpoint: "http://file:4318", ratio: 0.5, headers: {x-team: green}}';
    expect(read({}, yaml)).toMatchObject({ endpoint: 'http://file:4318', ratio: 0.5, headers: { 'x-team': 'green' } });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318', OTEL_TRACES_SAMPLER_ARG: '0.1', TUTTI_TRACING__RATIO: '0.2' };
    expect(read(env, yaml)).toMatchObject({ endpoint: 'http://env:4318', ratio: 0.2 });
  });

  it.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])('is switched off by %o, whatever else is set', (off) => {
    expect(read({ ...off, TUTTI_TRACING__ENDPOINT: 'http://env:4318' }, 'tracing: {endpoint: "http://file:4318"}').endpoint).toBe('');
  });

  it.each([
    [{ TUTTI_TRACING__ENDPOINT: 'collector:4318' }, 'tracing.endpoint'],
    [{ TUTTI_TRACING__ENDPOINT: 'grpc://collector:4317' }, 'tracing.endpoint'],
    [{ OTEL_TRACES_SAMPLER_ARG: '7' }, 'tracing.ratio'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'no value' }, 'tracing.headers'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'tracing.protocol'],
  ])('refuses %o', (env, path) => {
    expect(() => read(env as Record<string, string>)).toThrow(path);
  });

  it.each([
    ['http://collector:4318', 'http://collector:4318/v1/traces'],
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['https://vendor/otlp', 'https://vendor/otlp/v1/traces'],
    ['https://vendor/otlp/v1/traces', 'https://vendor/otlp/v1/traces'],
  ])('posts to the traces below %s', (endpoint, url) => {
    expect(tracesUrl(endpoint)).toBe(url);
  });
});
