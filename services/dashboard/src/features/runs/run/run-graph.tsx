import { Box, Text, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import { IconRefresh, IconUsersGroup } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { StepView } from '../../../api/views.js';
import { words } from '../../../ui/format.js';
import { StatusIcon, toneOf } from '../../../ui/status.js';
import { layoutOf, NODE_HEIGHT, NODE_WIDTH } from './graph-layout.js';
import classes from './run-graph.module.css';

type StepNodeType = Node<{ readonly step: StepView; readonly isVertical: boolean; readonly onOpen: (step: string) => void }, 'step'>;

type Shape = readonly Pick<StepView, 'id' | 'needs'>[];

const NODE_TYPES = { step: StepNode };
const LEAST_HEIGHT = 220;
const MOST_HEIGHT = 520;
const ROOM = 72;

interface RunGraphProps {
  readonly steps: readonly StepView[];
  readonly onOpen: (step: string) => void;
}

/** Steps and what they need. Every step opens by mouse, touch and keyboard. */
export function RunGraph({ steps, onOpen }: RunGraphProps) {
  const isVertical = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const scheme = useComputedColorScheme('light');
  // Only what depends on the shape is placed anew: states change far more often.
  const shape = JSON.stringify(steps.map(({ id, needs }) => ({ id, needs })));
  const layout = useMemo(() => layoutOf(JSON.parse(shape) as Shape, isVertical ? 'TB' : 'LR'), [shape, isVertical]);
  const byId = new Map(steps.map((step) => [step.id, step]));
  const nodes = layout.places.flatMap(({ id, x, y }): StepNodeType[] => {
    const step = byId.get(id);
    if (step === undefined) return [];
    const size = { width: NODE_WIDTH, height: NODE_HEIGHT };
    return [{ id, type: 'step', position: { x, y }, data: { step, isVertical, onOpen }, ...size, draggable: false, focusable: false }];
  });
  const edges = layout.edges.map(({ from, to }): Edge => {
    const isBusy = byId.get(to)?.status === 'running';
    return {
      id: `${from}>${to}`,
      source: from,
      target: to,
      animated: isBusy,
      focusable: false,
      className: isBusy ? (classes['busyEdge'] ?? '') : '',
    };
  });
  const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, layout.height + ROOM));
  return (
    <Box className={classes['frame']} h={height} role="group" aria-label="Graph of the steps">
      <ReactFlow
        key={`${shape} ${String(isVertical)}`}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1, minZoom: 0.35 }}
        minZoom={0.2}
        maxZoom={1.5}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </Box>
  );
}

function StepNode({ data: { step, isVertical, onOpen } }: NodeProps<StepNodeType>) {
  const isMany = step.tasks > 1;
  return (
    <>
      <Handle type="target" position={isVertical ? Position.Top : Position.Left} className={classes['handle'] ?? ''} />
      <button type="button" className={`nopan ${classes['node']} ${classes[toneOf(step.status)] ?? ''}`} onClick={() => onOpen(step.id)}>
        <StatusIcon status={step.status} size={20} />
        <span className={classes['words']}>
          <Text span size="sm" fw={600} truncate display="block">
            {step.name === '' ? step.id : step.name}
          </Text>
          <Text span size="xs" c="dimmed" truncate display="block">
            {words(step.status)}
            {isMany ? ` · ${step.tasksSucceeded}/${step.tasks}` : ''}
            {step.agent === '' ? '' : ` · ${step.agent}`}
          </Text>
        </span>
        {step.iteration > 1 && <IconRefresh size={16} aria-label={`${step.iteration} times`} />}
        {step.children.length > 0 && <IconUsersGroup size={16} aria-label="has runs of its own" />}
      </button>
      <Handle type="source" position={isVertical ? Position.Bottom : Position.Right} className={classes['handle'] ?? ''} />
    </>
  );
}
