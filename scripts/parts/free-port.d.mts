/** A free port of the loopback address, below those that the system gives to outgoing connections. */
export function freePort(): Promise<number>;
