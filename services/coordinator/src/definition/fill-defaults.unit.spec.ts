import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { fillDefaults } from './fill-defaults.js';
import { compileSchema } from './json-schema.js';

const filled = (properties: JsonObject, inputs: JsonObject): JsonObject =>
  fillDefaults(compileSchema({ type: 'object', properties }), inputs);

describe('the defaults of inputs', () => {
  it('stand in for what is not given, at every level that is', () => {
    const properties = { size: { default: 3 }, where: { type: 'object', properties: { country: { default: 'DE' } } } };
    expect(filled(properties, {})).toEqual({ size: 3 });
    expect(filled(properties, { size: 0, where: {} })).toEqual({ size: 0, where: { country: 'DE' } });
    expect(filled(properties, { size: null, where: 'here' })).toEqual({ size: null, where: 'here' });
  });

  it('leave what was given untouched, and are shared where nothing is missing', () => {
    const given = { where: {} };
    filled({ where: { properties: { country: { default: 'DE' } } } }, given);
    expect(given).toEqual({ where: {} });
    expect(fillDefaults(null, given)).toBe(given);
    expect(filled({ where: {} }, given)).toBe(given);
  });
});
