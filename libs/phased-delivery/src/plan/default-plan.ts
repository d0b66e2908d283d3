const PILLARS = ['operations', 'security', 'reliability', 'performance', 'cost', 'sustainability'];

/** A small plan to look at the workflow with: a service that keeps records, invented for it. Its figures are examples, not offers. */
export const DEFAULT_MILESTONES = [
  {
    name: 'Choose the parts',
    tasks: [
      {
        title: 'Choose where the program runs',
        name: 'compute-choice',
        options: [
          {
            name: 'two small machines behind a balancer',
            why: 'everybody in the team can run them',
            pillars: {
              operations: 'one image, rolled out by script',
              reliability: 'one machine may fail',
              performance: 'headroom of one half',
            },
            measures: [{ name: 'answer time', value: 120, unit: 'ms' }],
            monthlyCost: 80,
          },
        ],
      },
      {
        title: 'Choose where the records are kept',
        name: 'storage-choice',
        options: [
          {
            name: 'a managed database with a standby',
            why: 'backups are somebody else’s work',
            pillars: { reliability: 'standby and nightly copies', security: 'encrypted at rest', cost: 'pays by size' },
            threats: [{ threat: 'a stolen copy', mitigation: 'copies are encrypted with a key that is kept elsewhere' }],
            monthlyCost: 120,
          },
        ],
      },
    ],
    reviews: { cost: { monthlyBudget: 250 }, performance: { limits: [{ measure: 'answer time', atMost: 200 }] } },
  },
  {
    name: 'Design the system',
    entry: ['compute-choice', 'storage-choice'],
    tasks: [
      {
        title: 'Draw how the parts work together',
        name: 'system-design',
        options: [
          {
            name: 'requests through the balancer, records through one service',
            pillars: {
              operations: 'one place to look for errors',
              security: 'only the service reaches the database',
              reliability: 'requests may be repeated',
              performance: 'reads are cached for a minute',
              cost: 'nothing runs that is not needed',
              sustainability: 'machines are switched off at night',
            },
            monthlyCost: 10,
          },
        ],
      },
      {
        title: 'Say what could go wrong, and what holds it off',
        name: 'threat-model',
        options: [
          {
            name: 'threats by data flow',
            threats: [
              { threat: 'somebody guesses a password', mitigation: 'a second factor, and a limit on tries' },
              { threat: 'a request is forged', mitigation: 'tokens bound to the session' },
            ],
          },
        ],
      },
    ],
    reviews: { wellArchitected: { pillars: PILLARS }, security: { atLeast: 2 }, cost: { monthlyBudget: 50 } },
  },
  {
    name: 'Hand over',
    entry: ['system-design', 'threat-model'],
    tasks: [{ title: 'Write down how it is run', name: 'runbook', notes: 'Start, stop, restore from a copy, whom to call.' }],
  },
];
