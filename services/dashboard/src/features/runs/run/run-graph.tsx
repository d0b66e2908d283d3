import { Box, Text, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import '@xyflow/react/dist/style.css';
import { Background, Controls, Handle, MiniMap, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import { IconRefresh, IconUsersGroup } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { StepView } from '@tutti/rest-contract';
import { labelOf, StatusIcon, toneOf } from '../../../ui/status.js';
import { layoutFor, NODE_HEIGHT, NODE_WIDTH, type GraphLayout } from './graph-layout.js';
import classes from './run-graph.module.css';

type StepNodeType = Node<{ readonly step: StepView; readonly isVertical: boolean; readonly onOpen: (step: string) => void }, 'step'>;

type Shape = readonly Pick<StepView, 'id' | 'needs'>[];

const NODE_TYPES = { step: StepNode };
const LEAST_HEIGHT = 132;
const MOST_HEIGHT = 460;
const ROOM = 56;
/** About the room that there is across. */
const NEAR_WIDTH = 1_400;
const NEAR_HEIGHT = 520;
const NARROW = 340;
const MIDDLING = 560;
const WIDE = 1_100;
/** From so many steps on only those in sight are drawn, and a map shows where that is. */
const MANY = 80;
const BUSY = ['running', 'awaiting-approval', 'failed'];

interface RunGraphProps {
  readonly steps: readonly StepView[];
  readonly onOpen: (step: string) => void;
}

/** Steps and what they need. Every step opens by mouse, touch and keyboard. */
export function RunGraph({ steps, onOpen }: RunGraphProps) {
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const isMiddling = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const scheme = useComputedColorScheme('light');
  // Only what depends on the shape is placed anew: states change far more often.
  const shape = JSON.stringify(steps.map(({ id, needs }) => ({ id, needs })));
  const { layout, isVertical } = useMemo(
    () => layoutFor(JSON.parse(shape) as Shape, { width: isNarrow ? NARROW : isMiddling ? MIDDLING : WIDE, height: MOST_HEIGHT }),
    [shape, isNarrow, isMiddling],
  );
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
  const isMany = steps.length > MANY;
  // Of many steps it begins at what matters now.
  const first = steps.find(({ status }) => BUSY.includes(status)) ?? steps[0];
  const shown = isMany && first !== undefined ? { nodes: around(layout, first.id), maxZoom: 0.8 } : { maxZoom: 1, minZoom: 0.4 };
  return (
    <Box className={classes['frame']} h={height} role="group" aria-label="Graph of the steps">
      <ReactFlow
        key={`${shape} ${String(isVertical)}`}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={{ padding: 0.06, ...shown }}
        onlyRenderVisibleElements={isMany}
        minZoom={isMany ? 0.05 : 0.2}
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
        {isMany && !isNarrow && <MiniMap pannable zoomable position="top-right" ariaLabel="Map of the graph" nodeColor={colourOf} />}
      </ReactFlow>
    </Box>
  );
}

/** Steps placed near this one, as many as can be read at once. */
function around({ places }: GraphLayout, id: string): { id: string }[] {
  const at = places.find((place) => place.id === id);
  if (at === undefined) return [];
  const near = places.filter(
    ({ x, y }) => x >= at.x - NODE_WIDTH && x < at.x + NEAR_WIDTH && y >= at.y - NODE_HEIGHT && y < at.y + NEAR_HEIGHT,
  );
  return near.map((place) => ({ id: place.id }));
}

const COLOURS: Readonly<Record<string, string>> = { good: '#5fb878', bad: '#e03131', busy: '#228be6', hold: '#f0a04b', ask: '#be4bdb' };

function colourOf(node: Node): string {
  return COLOURS[toneOf((node as StepNodeType).data.step.status)] ?? '#9aa1a9';
}

function StepNode({ data: { step, isVertical, onOpen } }: NodeProps<StepNodeType>) {
  const isMany = step.tasks > 1;
  return (
    <>
      <Handle type="target" position={isVertical ? Position.Top : Position.Left} className={classes['handle'] ?? ''} />
      <button type="button" className={`nopan ${classes['node']} ${classes[toneOf(step.status)] ?? ''}`} onClick={() => onOpen(step.id)}>
        <StatusIcon status={step.status} size={20} />
        <span className={classes['words']}>
          <Text span size="sm" fw={600} className={classes['name'] ?? ''} title={step.name === '' ? step.id : step.name}>
            {step.name === '' ? step.id : step.name}
          </Text>
          <Text span size="xs" c="dimmed" truncate display="block">
            {labelOf(step.status)}
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
