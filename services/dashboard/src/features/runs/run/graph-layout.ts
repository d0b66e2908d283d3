import dagre from '@dagrejs/dagre';
import type { StepView } from '@tutti/rest-contract';

export interface Place {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly places: readonly Place[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 220;
export const NODE_HEIGHT = 68;

interface Room {
  readonly width: number;
  readonly height: number;
}

/** The other direction is taken when it draws the graph so much larger. */
const WORTH_IT = 1.3;

/** Along the longer side of the room, unless the other direction draws the graph much larger. */
export function layoutFor(steps: readonly Pick<StepView, 'id' | 'needs'>[], room: Room) {
  const [across, down] = [layoutOf(steps, 'LR'), layoutOf(steps, 'TB')];
  const scale = ({ width, height }: GraphLayout): number => Math.min(1, room.width / width, room.height / height);
  const isTall = room.height > room.width;
  const isVertical = isTall ? scale(across) < scale(down) * WORTH_IT : scale(down) > scale(across) * WORTH_IT;
  return { layout: isVertical ? down : across, isVertical };
}

/** Puts steps after what they need: from left to right, or from top to bottom on a narrow screen. */
export function layoutOf(steps: readonly Pick<StepView, 'id' | 'needs'>[], direction: 'LR' | 'TB'): GraphLayout {
  const graph = new dagre.graphlib.Graph<object>();
  graph.setGraph({ rankdir: direction, nodesep: direction === 'LR' ? 24 : 32, ranksep: direction === 'LR' ? 64 : 40 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(steps.map(({ id }) => id));
  for (const { id } of steps) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  const edges = steps.flatMap(({ id, needs }) => needs.filter((need) => known.has(need)).map((need) => ({ from: need, to: id })));
  for (const { from, to } of edges) graph.setEdge(from, to);
  dagre.layout(graph);
  const places = steps.map(({ id }): Place => {
    const { x = 0, y = 0 } = graph.node(id) as { readonly x?: number; readonly y?: number };
    return { id, x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 };
  });
  const { width = 0, height = 0 } = graph.graph() as { readonly width?: number; readonly height?: number };
  return { places, edges, width, height };
}
