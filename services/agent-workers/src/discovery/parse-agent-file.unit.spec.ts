import { describe, expect, it } from '@jest/globals';
import { agentFileJsonSchema } from './agent-file.schema.js';
import { parseAgentFile } from './parse-agent-file.js';

const lines = (...text: string[]) => `${text.join('\n')}\n`;
const minimal = [
  'name: reviewer',
  'version: 1.0.0',
  'capabilities: [review.code]',
  'kind: command',
  'entry: { command: [python3, agent.py] }',
];

describe('an agent file', () => {
  it('gives the whole definition with defaults for what it leaves out', () => {
    expect(parseAgentFile('a.yaml', lines(...minimal))).toEqual({
      nameLine: 1,
      agent: {
        name: 'reviewer',
        version: '1.0.0',
        description: '',
        role: '',
        model: '',
        capabilities: ['review.code'],
        specialisations: [],
        prompt: '',
        tools: [],
        limits: { concurrency: 1, timeoutMs: 0 },
        metadata: {},
        kind: 'command',
        entry: { command: ['python3', 'agent.py'], cwd: '.', env: {}, maxOutputBytes: 10_485_760 },
      },
    });
  });

  it('takes a class with its export, its prompt in several lines and its limits', () => {
    const text = lines(
      'name: architect-review',
      'version: 1.0.0',
      'role: Lead architect',
      'model: opus',
      'capabilities: [architecture.context]',
      'prompt: |',
      '  You are an architect.',
      '  Be brief.',
      'limits: { concurrency: 4, timeoutMs: 60000 }',
      'kind: class',
      'entry: { export: ArchitectReviewAgent, module: ./architect.js }',
      'metadata: { engine: offline }',
    );
    expect(parseAgentFile('a.yaml', text)).toMatchObject({
      agent: {
        prompt: 'You are an architect.\nBe brief.\n',
        limits: { concurrency: 4, timeoutMs: 60_000 },
        entry: { export: 'ArchitectReviewAgent', module: './architect.js' },
        metadata: { engine: 'offline' },
      },
    });
  });

  it('names every problem at once, each with its line', () => {
    const text = lines(
      'name: Bad Name',
      'version: 1.0.0',
      'capabilities:',
      '  - review.code',
      '  - "Not A Capability"',
      'limits:',
      '  concurrency: 0',
      'colour: red',
      'kind: command',
      'entry:',
      '  command: []',
    );
    const parsed = parseAgentFile('a.yaml', text);
    expect('problems' in parsed && parsed.problems.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([
      expect.stringMatching(/^a\.yaml:1 name: .*lower-case words with hyphens/),
      expect.stringMatching(/^a\.yaml:5 capabilities\.1: .*dotted lower-case words/),
      expect.stringMatching(/^a\.yaml:7 limits\.concurrency: .*>=1/),
      expect.stringMatching(/^a\.yaml:11 entry\.command: .*>=1/),
      expect.stringMatching(/^a\.yaml:8 .*colour/),
    ]);
  });

  it('points at what is around when something is missing', () => {
    const parsed = parseAgentFile(
      'a.yaml',
      lines('name: reviewer', 'version: 1.0.0', 'capabilities: [review.code]', 'kind: class', 'entry: {}'),
    );
    expect(parsed).toEqual({ problems: [{ file: 'a.yaml', line: 5, message: expect.stringContaining('entry.export') }] });
  });

  it('says which kinds there are when the kind is unknown', () => {
    const parsed = parseAgentFile('a.yaml', lines(...minimal).replace('kind: command', 'kind: robot'));
    expect(parsed).toEqual({ problems: [expect.objectContaining({ line: 4, message: expect.stringMatching(/kind: .*/) })] });
  });

  it('gives the line of a mistake in the YAML itself', () => {
    const parsed = parseAgentFile('a.yaml', lines('name: reviewer', 'version: [1, 2', 'kind: class'));
    expect('problems' in parsed && parsed.problems[0]).toMatchObject({ line: 3, message: expect.stringContaining('not YAML') });
  });

  it('refuses a text that is no mapping, and one of aliases that multiply', () => {
    expect(parseAgentFile('a.yaml', '- just\n- a list\n')).toEqual({ problems: [expect.objectContaining({ line: 1 })] });
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(', ')}]`),
    ];
    expect(parseAgentFile('a.yaml', lines(...bomb))).toEqual({
      problems: [expect.objectContaining({ message: expect.stringContaining('alias') })],
    });
  });

  it('has a JSON Schema that names both kinds', () => {
    const schema = JSON.stringify(agentFileJsonSchema());
    expect(schema).toContain('"const":"class"');
    expect(schema).toContain('"const":"command"');
    expect(schema).toContain('maxOutputBytes');
  });
});
