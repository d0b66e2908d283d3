import { z } from 'zod';

const RATIO = { least: 0, most: 1 };

/** `name=value,name=value`, both percent-encoded, as OTEL_EXPORTER_OTLP_HEADERS has it. */
const headers = z.preprocess(
  (given) => (typeof given === 'string' ? parseHeaders(given) : given),
  z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/), z.string().max(8_000)),
);

/** Where traces go. Without an endpoint none are made. */
export const tracingConfig = z
  .strictObject({
    /** Of a collector that takes OTLP by HTTP, like `http://127.0.0.1:4318`; `/v1/traces` is added unless it stands there. Empty for none. */
    endpoint: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    /** Share of the traces begun here that are kept. One that somebody else began is kept as they decided. */
    ratio: z.coerce.number().min(RATIO.least).max(RATIO.most).default(1),
    /** Go along with what is sent, like credentials. */
    headers: headers.default({}),
    protocol: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
    /** Default `tutti-` and the service, like `tutti-coordinator`. */
    serviceName: z.string().max(255).default(''),
    /** Spans that wait to be sent; more are dropped. */
    maxQueue: z.coerce.number().int().min(1).max(1_000_000).default(8_192),
    /** How long spans are collected before they are sent. */
    delayMs: z.coerce.number().int().min(10).max(600_000).default(2_000),
    /** Longest time that the end of the process waits for what is not sent yet. */
    flushLimitMs: z.coerce.number().int().min(0).max(60_000).default(3_000),
  })
  .prefault({});
export type TracingConfig = z.infer<typeof tracingConfig>;

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable of OpenTelemetry, and the setting that it stands for. */
const SETTING_OF: Readonly<Record<string, string>> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'TUTTI_TRACING__ENDPOINT',
  OTEL_EXPORTER_OTLP_HEADERS: 'TUTTI_TRACING__HEADERS',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'TUTTI_TRACING__PROTOCOL',
  OTEL_TRACES_SAMPLER_ARG: 'TUTTI_TRACING__RATIO',
  OTEL_SERVICE_NAME: 'TUTTI_TRACING__SERVICE_NAME',
};

/**
 * Settings, with what OpenTelemetry's own variables say below them. OTEL_SDK_DISABLED, or `none` in OTEL_TRACES_EXPORTER, switches tracing off, whatever else is set.
 *
 * @param own settings by their variables
 */
export function withOtelSettings(env: Environment, own: Environment): Environment {
  const settings: Record<string, string | undefined> = {};
  for (const [variable, setting] of Object.entries(SETTING_OF)) {
    const value = env[variable]?.trim();
    if (value !== undefined && value !== '') settings[setting] = value;
  }
  return { ...settings, ...own, ...(isSwitchedOff(env) ? { TUTTI_TRACING__ENDPOINT: '' } : {}) };
}

function isSwitchedOff(env: Environment): boolean {
  return env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER']?.trim().toLowerCase() === 'none';
}

/** Where traces are posted to. */
export function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (!/\/v1\/traces\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
}

function parseHeaders(text: string): Record<string, string> | string {
  const parsed: Record<string, string> = {};
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const at = part.indexOf('=');
    // Left to the schema, which says what was expected.
    if (at < 1) return text;
    parsed[decoded(part.slice(0, at).trim())] = decoded(part.slice(at + 1).trim());
  }
  return parsed;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
