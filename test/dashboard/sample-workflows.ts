const GREETING = {
  name: 'greeting',
  description: 'Greets somebody, and asks before it is sent.',
  inputs: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', maxLength: 60, description: 'Who is greeted.' },
      times: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
      tone: { enum: ['warm', 'formal'], default: 'warm' },
      loud: { type: 'boolean', description: 'In capitals.' },
    },
  },
  steps: {
    draft: {
      name: 'Write a draft',
      capability: 'probe.echo',
      with: { text: '${{ "Good morning, " & inputs.name }}' },
      gates: [{ name: 'not-empty', type: 'expression', expression: '${{ $length(output.text) > 0 }}', message: 'the draft is empty' }],
    },
    check: { name: 'Check the names', needs: 'draft', capability: 'probe.echo', with: { ok: true } },
    translate: { name: 'Translate', needs: 'draft', capability: 'probe.echo', with: { to: 'fr' } },
    send: {
      name: 'Send it',
      needs: ['check', 'translate'],
      capability: 'probe.echo',
      with: { text: '${{ steps.draft.output.text }}' },
      gates: [{ name: 'sign-off', type: 'approval', title: 'Is the greeting right?' }],
    },
  },
  outputs: { text: '${{ steps.send.output.text }}' },
};

const QUICK = {
  name: 'quick',
  description: 'Gives back what it was given.',
  steps: { echo: { name: 'Echo', capability: 'probe.echo', with: { said: '${{ inputs.say }}' } } },
};

const BROKEN = {
  name: 'broken',
  description: 'Fails each time.',
  steps: { fall: { name: 'Fall', capability: 'probe.fail' }, never: { name: 'Never done', needs: 'fall', capability: 'probe.echo' } },
};

/** One that asks, one that ends at once, one that fails; all of them by the probe. */
export const WORKFLOWS = [GREETING, QUICK, BROKEN] as const;
