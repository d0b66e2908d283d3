/** One method as ts-proto defines it for grpc-js. Services with streams are not bound by this; the compiler refuses them. */
interface UnaryMethod {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  // Methods are bivariant in their parameters: a definition of any message fits.
  requestSerialize(value: unknown): Buffer;
  requestDeserialize(bytes: Buffer): unknown;
  responseSerialize(value: unknown): Buffer;
  responseDeserialize(bytes: Buffer): unknown;
}

/** A service's definition, like `AgentServiceService`. */
export type UnaryDefinition = Readonly<Record<string, UnaryMethod>>;

/** The service as its callers see it: the same interface over every binding, like `AgentService`. */
export type ServiceOf<Definition extends UnaryDefinition> = {
  [Name in keyof Definition]: (
    request: ReturnType<Definition[Name]['requestDeserialize']>,
  ) => Promise<ReturnType<Definition[Name]['responseDeserialize']>>;
};
