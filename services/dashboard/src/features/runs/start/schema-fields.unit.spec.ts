import { describe, expect, it } from '@jest/globals';
import { assemble, fieldsOf, initialValues, type Field } from './schema-fields.js';

const SCHEMA = {
  type: 'object',
  required: ['prd', 'level'],
  properties: {
    note: { type: 'string', maxLength: 80 },
    prd: { type: 'string', title: 'Requirements', description: 'What is wanted.' },
    count: { type: 'integer', minimum: 1, maximum: 5, default: 3 },
    share: { type: 'number' },
    dry: { type: 'boolean', default: true },
    level: { enum: ['low', 2, null] },
    names: { type: 'array', items: { type: 'string' } },
    deep: { type: 'object', properties: { a: {} } },
    day: { type: 'string', format: 'date' },
  },
};

function fields(schema: unknown = SCHEMA): readonly Field[] {
  return fieldsOf(schema) ?? [];
}

describe('the form of an input schema', () => {
  it('has a field for each property, the required ones first', () => {
    expect(fields().map(({ name, kind }) => `${name}:${kind}`)).toEqual([
      ...['prd:text', 'level:choice', 'note:line', 'count:integer', 'share:number', 'dry:flag', 'names:texts', 'deep:json', 'day:line'],
    ]);
  });

  it('takes titles, descriptions and defaults of the schema', () => {
    expect(fields()[0]).toMatchObject({ label: 'Requirements', description: 'What is wanted.', isRequired: true });
    expect(initialValues(fields())).toMatchObject({ prd: '', count: '3', dry: true, names: [] });
  });

  it('puts together what was filled in, each as the type that the schema wants, and leaves out what was not', () => {
    const { inputs, problems } = assemble(fields(), {
      prd: 'x',
      level: '2',
      count: '4',
      share: '0.5',
      dry: false,
      names: ['a'],
      deep: '{"a":[1]}',
    });
    expect(inputs).toEqual({ prd: 'x', level: 2, count: 4, share: 0.5, dry: false, names: ['a'], deep: { a: [1] } });
    expect(problems).toEqual({});
  });

  it.each([
    [{ prd: '' }, 'prd', 'This is needed.'],
    [{ count: '9' }, 'count', 'Expected 5 or less.'],
    [{ count: '0' }, 'count', 'Expected 1 or more.'],
    [{ count: '1.5' }, 'count', 'Expected a whole number.'],
    [{ share: 'much' }, 'share', 'Expected a number.'],
    [{ deep: '{' }, 'deep', 'This is no JSON.'],
  ])('says what is wrong with %j', (given, name, message) => {
    expect(assemble(fields(), { prd: 'x', level: '"low"', ...given }).problems).toEqual({ [name]: message });
  });

  it.each([[undefined], [{}], [{ type: 'array' }], [true], [{ type: 'object' }]])(
    'has no fields for %j: the inputs are one JSON text',
    (schema) => {
      expect(fieldsOf(schema)).toBeNull();
    },
  );
});
