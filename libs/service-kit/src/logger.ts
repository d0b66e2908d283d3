import type { JsonObject } from '@tutti/kernel';
import { pino } from 'pino';

/** Structured log. Fields first in the record, the message last; errors go under `err`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: JsonObject): Logger;
}

export interface LogFields {
  readonly err?: unknown;
  readonly [field: string]: unknown;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface LoggerOptions {
  readonly level: LogLevel;
  /** File that lines are appended to; standard error when left out, so that standard output stays for results. */
  readonly file?: string;
  readonly fields?: JsonObject;
  /** Asked for each line, for what belongs to the moment, like the span that it was written in. */
  readonly moment?: () => Readonly<Record<string, string>>;
}

/** JSON lines through pino. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = pino.destination({ dest: options.file ?? 2, sync: true, mkdir: true });
  // A log that cannot be written, on a full disk, must not end the process; without a listener it would. Later lines are tried again.
  destination.on('error', () => undefined);
  const mixin = options.moment === undefined ? {} : { mixin: options.moment };
  return wrap(pino({ level: options.level, base: options.fields ?? {}, ...mixin }, destination));
}

/** Writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger };

function wrap(logger: pino.Logger): Logger {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
