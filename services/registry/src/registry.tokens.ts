export const AGENTS_READ_SIDE = Symbol('AgentsReadSide');
export const SERVICES_READ_SIDE = Symbol('ServicesReadSide');
export const SERVICE_LEASES = Symbol('ServiceLeases');
export const SERVICE_STREAMS = Symbol('ServiceStreams');
