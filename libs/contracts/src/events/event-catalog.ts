import type { z } from 'zod';

export interface EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly schemaVersion: number;
  readonly data: Schema;
}

type Catalog = Readonly<Record<string, EventDefinition>>;

/** The discriminated union of a catalog's events: `{ type, data }`. */
export type EventOf<C extends Catalog> = {
  readonly [Name in keyof C]: { readonly type: C[Name]['type']; readonly data: Readonly<z.infer<C[Name]['data']>> };
}[keyof C];

export function defineEvent<Type extends string, Schema extends z.ZodType>(
  type: Type,
  schemaVersion: number,
  data: Schema,
): EventDefinition<Type, Schema> {
  return { type, schemaVersion, data };
}
