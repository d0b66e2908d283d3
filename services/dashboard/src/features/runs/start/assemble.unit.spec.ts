import { describe, expect, it } from '@jest/globals';
import { assemble } from './assemble.js';
import { draftOf, type Draft } from './draft.js';
import { nodeOf } from './schema-node.js';

const REFUND = {
  type: 'object',
  required: ['customer', 'amount', 'address'],
  $defs: { country: { enum: ['DE', 'FR'], default: 'DE' } },
  properties: {
    customer: { type: 'string', title: 'Customer', maxLength: 8 },
    amount: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
    priority: { type: ['integer', 'null'], minimum: 1 },
    express: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' }, minItems: 2 },
    channels: { type: 'array', items: { enum: ['mail', 'phone'] } },
    due: { type: 'string', format: 'date' },
    items: {
      type: 'array',
      items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' }, count: { type: 'integer', default: 1 } } },
    },
    address: { type: 'object', required: ['city'], properties: { city: { type: 'string' }, country: { $ref: '#/$defs/country' } } },
    payout: {
      oneOf: [
        { title: 'Card', type: 'object', required: ['last4'], properties: { last4: { type: 'string', pattern: '^[0-9]{4}$' } } },
        { title: 'Bank', type: 'object', required: ['iban'], properties: { iban: { type: 'string' } } },
      ],
    },
    meta: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

const node = nodeOf(REFUND);
const assembled = (value: unknown) => assemble(node, draftOf(node, value));
const GOOD = {
  ...{ customer: 'Ada', amount: 12.5, priority: 2, express: true, tags: ['a', 'b'], channels: ['mail'], due: '2026-01-31' },
  ...{ items: [{ sku: 'x', count: 3 }], address: { city: 'Bonn', country: 'FR' }, payout: { iban: 'DE00' }, meta: { a: 'b' } },
};

describe('the form of a schema', () => {
  it('has a field for each kind of member, the required ones first', () => {
    if (node.kind !== 'group') throw new Error(node.kind);
    expect(node.members.map(({ name, node: { kind } }) => `${name} ${kind}`)).toEqual([
      ...['customer line', 'amount number', 'address group', 'priority integer', 'express flag', 'tags texts', 'channels choices'],
      ...['due line', 'items list', 'payout variants', 'meta json'],
    ]);
  });

  it.each([[{ type: 'object' }], [{ type: ['string', 'number'] }], [undefined], [{ type: 'array', prefixItems: [] }]])(
    'leaves %j to JSON',
    (schema) => expect(nodeOf(schema).kind).toBe('json'),
  );

  it('ends where a schema refers to itself', () => {
    const tree = { type: 'object', properties: { child: { $ref: '#/$defs/tree' } }, $defs: {} as Record<string, unknown> };
    tree.$defs['tree'] = { type: 'object', properties: { child: { $ref: '#/$defs/tree' } } };
    expect(JSON.stringify(nodeOf(tree))).toContain('"kind":"json"');
  });
});

describe('what the form holds', () => {
  it('comes back as the value that it was made of, with what there is no field for', () => {
    const value = { ...GOOD, unknown: [1] };
    expect(assembled(value)).toEqual({ value, problems: {} });
  });

  it('leaves out what is empty, and takes defaults', () => {
    expect(assembled({ customer: 'Ada', amount: 1, address: { city: 'Bonn' } })).toEqual({
      value: { customer: 'Ada', amount: 1, address: { city: 'Bonn', country: 'DE' } },
      problems: {},
    });
  });

  it('says of each required field that is empty that it is needed, by its pointer', () => {
    expect(assembled({}).problems).toEqual({
      '/customer': 'This is needed.',
      '/amount': 'This is needed.',
      '/address/city': 'This is needed.',
    });
  });

  it.each([
    [{ customer: 'much too long' }, '/customer', 'Expected at most 8 characters.'],
    [{ amount: 0 }, '/amount', 'Expected more than 0.'],
    [{ amount: 101 }, '/amount', 'Expected 100 or less.'],
    [{ priority: 1.5 }, '/priority', 'Expected a whole number.'],
    [{ tags: ['a'] }, '/tags', 'Expected at least 2.'],
    [{ items: [{ count: 1 }] }, '/items/0/sku', 'This is needed.'],
    [{ payout: { last4: 'abc' } }, '/payout/last4', 'Expected what matches ^[0-9]{4}$'],
  ])('objects to %j', (wrong, path, message) => {
    expect(assembled({ ...GOOD, ...wrong }).problems).toEqual({ [path]: message });
  });

  it.each([
    ['12a', '/amount', 'Expected a number.'],
    ['{', '/meta', 'This is no JSON.'],
  ])('objects to %p as it is typed', (text, path, message) => {
    const draft = draftOf(node, GOOD) as { readonly members: Record<string, Draft>; readonly rest: object };
    const typed = { ...draft, members: { ...draft.members, [path.slice(1)]: text } } as Draft;
    expect(assemble(node, typed).problems[path]).toBe(message);
  });
});
