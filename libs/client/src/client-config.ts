/** The environment of this process: TUTTI_ADDRESS, TUTTI_GRPC_ADDRESS, TUTTI_API_KEY and TUTTI_DATA_DIR are read from it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
