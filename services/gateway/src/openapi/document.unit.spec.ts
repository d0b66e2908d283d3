import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ERROR_CODES } from '@tutti/kernel';
import { ROUTES } from '@tutti/rest-contract';
import { openApiDocument } from './document.js';

const CHECKED_IN = new URL('../../../../docs/openapi.json', import.meta.url);
const document = openApiDocument('0.1.0');

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly unknown[];
}

const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path as Readonly<Record<string, Operation>>));

describe('the OpenAPI document', () => {
  it('is valid by the schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('is the one in docs/openapi.json: "npm run generate" writes what has changed', () => {
    expect(JSON.parse(readFileSync(CHECKED_IN, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('has every route, with a summary, an answer and the problems that the door may answer', () => {
    expect(operations).toHaveLength(ROUTES.length);
    for (const operation of operations) {
      expect(operation.summary).toMatch(/\w/);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '403', '413', '415', '429', '500', '503']));
    }
  });

  it('asks for no credential where anyone may ask, and for one elsewhere', () => {
    const open = operations.filter(({ security }) => security?.length === 0).map(({ operationId }) => operationId);
    expect(open.sort()).toEqual(['getLiveness', 'getOpenApi', 'getReadiness', 'getStartup', 'getVersion', 'receiveWebhook']);
    expect(document.security).toEqual([{ bearer: [] }, { session: [] }]);
  });

  it('has all error codes', () => {
    expect(document.components?.schemas?.['Problem']).toMatchObject({ properties: { code: { enum: Object.keys(ERROR_CODES) } } });
  });

  it('lets answers have members that it does not know', () => {
    const answers = JSON.stringify(document.components?.schemas?.['Run']);
    expect(answers).not.toContain('"additionalProperties":false');
  });
});
