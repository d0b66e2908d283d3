import type { Schema } from './schema.js';

/** Something that agents can do, with what goes in and what comes out: shared by the workflows that ask for it and the agents that do it. */
export interface Capability<In = unknown, Out = unknown> {
  readonly name: string;
  readonly input: Schema<In> | undefined;
  readonly output: Schema<Out> | undefined;
}

/** @param name dotted lower-case words, like `stock.reserve` */
export function defineCapability<In = unknown, Out = unknown>(
  name: string,
  schemas: { readonly input?: Schema<In>; readonly output?: Schema<Out> } = {},
): Capability<In, Out> {
  return { name, input: schemas.input, output: schemas.output };
}
