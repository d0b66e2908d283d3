import { afterEach, describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../definition/compile-definition.js';
import { startEngine, type Engine } from '../testing/engine.js';

const definition = (message: string): string =>
  `name: wf\nsteps:\n  a:\n    capability: work\n    gates: [{name: few, type: expression, expression: "\${{ output.n < 3 }}", message: "${message}"}]\n`;

describe('the message of a gate', () => {
  let engine: Engine;
  afterEach(() => engine?.close());

  const saidOf = async (message: string): Promise<string> => {
    engine = await startEngine(definition(message), () => ({ n: 5, of: ['x', 'y'] }));
    await engine.start('wf', { limit: 3 });
    const failed = await engine.until('RunFailed');
    return (failed.data as { readonly error: { readonly message: string } }).error.message;
  };

  it.each([
    ['too many', 'too many (not true: output.n < 3)'],
    ['${{ output.n }} are more than ${{ inputs.limit }}', '5 are more than 3 (not true: output.n < 3)'],
    ["too many: ${{ $join(output.of, ', ') }}", 'too many: x, y (not true: output.n < 3)'],
    ['${{ output.of }}', '["x","y"] (not true: output.n < 3)'],
  ])('may say what was found: %s', async (message, expected) => {
    expect(await saidOf(message)).toContain(`gate "few" failed: ${expected}`);
  });

  it('that cannot be evaluated does not keep the gate from failing', async () => {
    expect(await saidOf("${{ $error('no words') }}")).toContain('(not true: output.n < 3)');
  });

  it('that reads what is not there is refused with its line', () => {
    const compiled = compileDefinition(definition('${{ nothing.here }}'));
    expect(compiled).toMatchObject({ problems: [{ line: 5, message: expect.stringContaining('nothing is called "nothing" here') }] });
  });
});
