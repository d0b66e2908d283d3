import type { ReactNode } from 'react';
import type { Draft } from './draft.js';
import type { SchemaNode } from './schema-node.js';

export interface PartProps {
  readonly node: SchemaNode;
  readonly draft: Draft;
  readonly isRequired: boolean;
  /** JSON pointer of the value. */
  readonly path: string;
  /** What is wrong, by JSON pointer. */
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (draft: Draft) => void;
}

/** Draws a part below another: parts that have parts are given it, so that no file needs the one that needs it. */
export type RenderPart = (props: PartProps) => ReactNode;
