import { expr, workflow } from '@tutti/workflow-sdk';

interface Each {
  readonly n: number;
  readonly item: unknown;
}

export const longList = workflow('long-list', { description: 'One task for each item of a list' })
  .step('each', {
    capability: 'load.echo',
    forEach: { items: () => expr<unknown[]>`inputs.items`, concurrency: 100 },
    with: ({ item, index }) => ({ item, index }),
  })
  .outputs(({ steps }) => ({ list: steps.each.output }));

export const twentySteps = workflow('twenty-steps', { description: 'Three chains of six steps, two lists of ten among them' })
  .step('a1', { capability: 'load.echo', with: () => ({ n: expr`inputs.n` }) })
  .step('b1', { capability: 'load.echo', with: () => ({ n: expr`inputs.n` }) })
  .step('c1', { capability: 'load.echo', with: () => ({ n: expr`inputs.n` }) })
  .step('a2', { capability: 'load.echo', needs: ['a1'], with: () => ({ n: expr`steps.a1.output.n` }) })
  .step('b2', { capability: 'load.echo', needs: ['b1'], with: () => ({ n: expr`steps.b1.output.n` }) })
  .step('c2', { capability: 'load.echo', needs: ['c1'], with: () => ({ n: expr`steps.c1.output.n` }) })
  .step('firstList', {
    capability: 'load.echo',
    needs: ['a2'],
    forEach: { items: () => expr<unknown[]>`inputs.list` },
    with: ({ item }) => ({ n: expr`steps.a2.output.n`, item }),
  })
  .step('a3', { capability: 'load.echo', needs: ['a2'], with: () => ({ n: expr`steps.a2.output.n` }) })
  .step('b3', { capability: 'load.echo', needs: ['b2'], with: () => ({ n: expr`steps.b2.output.n` }) })
  .step('c3', { capability: 'load.echo', needs: ['c2'], with: () => ({ n: expr`steps.c2.output.n` }) })
  .step('a4', { capability: 'load.echo', needs: ['a3'], with: () => ({ n: expr`steps.a3.output.n` }) })
  .step('b4', { capability: 'load.echo', needs: ['b3', 'firstList'], with: () => ({ n: expr`steps.b3.output.n` }) })
  .step('c4', { capability: 'load.echo', needs: ['c3'], with: () => ({ n: expr`steps.c3.output.n` }) })
  .step('a5', { capability: 'load.echo', needs: ['a4'], with: () => ({ n: expr`steps.a4.output.n` }) })
  .step('b5', { capability: 'load.echo', needs: ['b4'], with: () => ({ n: expr`steps.b4.output.n` }) })
  .step('c5', { capability: 'load.echo', needs: ['c4'], with: () => ({ n: expr`steps.c4.output.n` }) })
  .step('a6', { capability: 'load.echo', needs: ['a5'], with: () => ({ n: expr`steps.a5.output.n` }) })
  .step('b6', { capability: 'load.echo', needs: ['b5'], with: () => ({ n: expr`steps.b5.output.n` }) })
  .step('c6', { capability: 'load.echo', needs: ['c5'], with: () => ({ n: expr`steps.c5.output.n` }) })
  .step('secondList', {
    capability: 'load.echo',
    needs: ['a6', 'b6', 'c6', 'firstList'],
    forEach: { items: () => expr<Each[]>`steps.firstList.output` },
    with: ({ item }) => ({ n: item.n, item: item.item }),
  })
  .outputs(({ steps }) => ({ list: steps.secondList.output }));
