import { describe, expect, it } from '@jest/globals';
import { isTuttiError } from '@tutti/kernel';
import { z } from 'zod';
import { sharedSettings } from '../process-config.js';
import { requiredSettings } from './required-settings.js';

const schema = z.object(sharedSettings);
const COMPLETE = {
  eventStore: { url: 'esdb://localhost:2113' },
  kafka: { brokers: 'localhost:9092' },
  mongo: { url: 'mongodb://localhost' },
  services: { secret: 'x'.repeat(32) },
};

function problemsOf(settings: object): unknown {
  try {
    return requiredSettings(schema.parse(settings));
  } catch (error) {
    if (!isTuttiError(error, 'INVALID_CONFIG')) throw error;
    return error.message.match(/TUTTI_\w+/g);
  }
}

describe('settings of the full backends', () => {
  it('are refused where they cannot be addresses, all at once, saying what was expected', () => {
    const { error } = schema.safeParse({
      ...COMPLETE,
      eventStore: { url: 'http://x' },
      kafka: { brokers: 'localhost:9092,nonsense' },
      mongo: { url: 'mysql://x' },
    });
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      'eventStore.url: expected like esdb://host:2113?tls=true',
      'kafka.brokers.1: expected like host:9092',
      'mongo.url: expected like mongodb://host:27017/database',
    ]);
  });

  it('are refused with everything that is missing at once, by the variables that set it', () => {
    expect(problemsOf({ backends: 'full', kafka: { sasl: { username: 'me' }, tls: { certFile: 'c.pem' } } })).toEqual([
      'TUTTI_EVENT_STORE__URL',
      'TUTTI_KAFKA__BROKERS',
      'TUTTI_MONGO__URL',
      'TUTTI_SERVICES__SECRET',
      'TUTTI_KAFKA__SASL__PASSWORD',
      'TUTTI_KAFKA__TLS__KEY_FILE',
    ]);
  });

  it('are refused with the one that is missing', () => {
    expect(problemsOf({ ...COMPLETE, mongo: {} })).toEqual(['TUTTI_MONGO__URL']);
  });

  it('are given when they are complete', () => {
    expect(problemsOf(COMPLETE)).toEqual({
      eventStoreUrl: 'esdb://localhost:2113',
      mongoUrl: 'mongodb://localhost',
      secret: 'x'.repeat(32),
    });
  });
});
