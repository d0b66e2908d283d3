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

const ORDER = {
  name: 'order',
  description: 'Takes an order of several things.',
  inputs: {
    type: 'object',
    required: ['customer', 'items'],
    properties: {
      customer: { type: 'string', title: 'Customer', maxLength: 60 },
      items: {
        type: 'array',
        items: {
          type: 'object',
          required: ['sku'],
          properties: { sku: { type: 'string', maxLength: 20 }, quantity: { type: 'integer', minimum: 1 } },
        },
      },
      code: { type: 'string', maxLength: 9, not: { const: 'x' } },
    },
  },
  steps: { take: { capability: 'probe.echo' } },
};

const WAITING = {
  name: 'waiting',
  inputs: { type: 'object', properties: { budget: { type: 'integer' } } },
  variables: { budget: '${{ inputs.budget }}' },
  queries: { left: '${{ variables.budget }}' },
  steps: { paid: { wait: { signal: 'paid' } } },
};

/** One that asks, one that ends at once, one that fails, one with a form, one that waits; those that work do it by the probe. */
export const WORKFLOWS = [GREETING, QUICK, BROKEN, ORDER, WAITING] as const;
