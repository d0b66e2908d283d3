import { describe, expect, it } from '@jest/globals';
import { triggersConfig, webhookSecrets } from './triggers.config.js';

const KEY = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const config = triggersConfig.parse({ webhooks: { shop: { secretEnv: 'SHOP_SECRET' } } });

describe('the secrets of webhooks', () => {
  it('come from the environment by the names of the configuration, several while one is changed', () => {
    expect(webhookSecrets(config, { SHOP_SECRET: KEY })['shop']).toEqual([Buffer.alloc(24, 1)]);
    expect(webhookSecrets(config, { SHOP_SECRET: `${KEY} ${KEY}` })['shop']).toHaveLength(2);
    expect(webhookSecrets(triggersConfig.parse({}), {})).toEqual({});
  });

  it.each([
    [{}, 'SHOP_SECRET is not in the environment'],
    [{ SHOP_SECRET: 'whsec_c2hvcnQ=' }, 'SHOP_SECRET holds something else'],
    [{ SHOP_SECRET: 'hunter2' }, 'expected whsec_ and 24 to 64 bytes in base64'],
  ])('are refused as %j, and not shown', (environment, problem) => {
    expect(() => webhookSecrets(config, environment)).toThrow(problem);
    expect(() => webhookSecrets(config, environment)).not.toThrow('hunter2');
  });
});
