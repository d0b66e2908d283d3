import { describe, expect, it } from '@jest/globals';
import { expr, expressionText, reference, templateText, text, type Reference, type UntypedRef } from './reference.js';

const inputs = reference<unknown>('inputs') as UntypedRef & { readonly amount: UntypedRef };
const written = (given: unknown): string => templateText(given as Reference<unknown>);

describe('a reference', () => {
  it.each<[string, (from: UntypedRef) => unknown]>([
    ['inputs.amount', (from) => from['amount']],
    ['inputs.order.lines[0].sku', (from) => from['order']?.['lines']?.['0']?.['sku']],
    ['inputs.`e-mail`', (from) => from['e-mail']],
    ['inputs.`in`', (from) => from['in']],
    ['inputs.length', (from) => from['length']],
    ['inputs.name', (from) => from['name']],
  ])('remembers its path: %s', (path, walk) => {
    expect(written(walk(inputs))).toBe(`\${{ ${path} }}`);
  });

  it.each<[string, (given: number) => unknown, string]>([
    ['added', (given) => given * 2, 'expr'],
    ['compared by size', (given) => given < 1, 'expr'],
    ['put into a text', (given) => `${given}`, 'text'],
    ['made a text', (given) => String(given), 'text'],
    ['spread into a list', (given) => [...(given as unknown as unknown[])], 'forEach'],
    ['spread into an object', (given) => ({ ...(given as unknown as object) }), 'name the members'],
    [
      'looped over',
      (given) => {
        for (const each of given as unknown as unknown[]) return each;
        return null;
      },
      'forEach',
    ],
    ['called', (given) => (given as unknown as () => unknown)(), 'expr'],
    ['called like a list', (given) => (given as unknown as unknown[]).map((each) => each), 'expr'],
    ['written as JSON', (given) => JSON.stringify({ given }), 'plain object'],
    ['searched', (given) => 'a' in (given as unknown as object), 'expr'],
    ['changed', (given) => Object.assign(given as unknown as object, { a: 1 }), 'set'],
  ])('refuses to be %s, and says what to do instead', (_, misuse, instead) => {
    expect(() => misuse(inputs.amount as unknown as number)).toThrow('has no value yet');
    expect(() => misuse(inputs.amount as unknown as number)).toThrow(instead);
  });

  it('refuses to be awaited', async () => {
    await expect(Promise.resolve(inputs.amount)).rejects.toThrow('has no value yet');
  });

  it('cannot name a member with a backquote', () => {
    expect(() => inputs['a`b']).toThrow('backquote');
  });
});

describe('expr', () => {
  it('puts paths in as they are, values as JSON and other expressions in parentheses', () => {
    const sum = expr<number>`${inputs.amount} + ${1.5}`;
    expect(written(sum)).toBe('${{ inputs.amount + 1.5 }}');
    expect(written(expr`${sum} * 2 > ${inputs['limit'] as UntypedRef} and ${inputs['kind'] as UntypedRef} in ${['a', "it's"]}`)).toBe(
      '${{ (inputs.amount + 1.5) * 2 > inputs.limit and inputs.kind in ["a","it\'s"] }}',
    );
  });

  it('refuses to be computed with outside', () => {
    const sum = expr<number>`${inputs.amount} + 1` as unknown as number;
    expect(() => sum * 2).toThrow('inside of expr');
    expect(() => `${sum}`).toThrow('inside of expr');
  });
});

describe('text', () => {
  it('is a text with expressions in it', () => {
    expect(written(text`Order ${inputs.amount} of ${expr`$uppercase("a")`}`)).toBe('Order ${{ inputs.amount }} of ${{ $uppercase("a") }}');
  });

  it('is joined where one expression is wanted', () => {
    expect(expressionText(text`Order ${inputs.amount}!`)).toBe('${{ "Order " & inputs.amount & "!" }}');
    expect(written(expr`$length(${text`Order ${inputs.amount}`})`)).toBe('${{ $length(("Order " & inputs.amount)) }}');
  });
});
