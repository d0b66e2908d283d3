/** Time of the browser. The only module that asks for it, so that everything above can be given another. */
export interface BrowserSystem {
  /** Milliseconds since the epoch. */
  now(): number;
  /** @returns what takes it back */
  after(ms: number, callback: () => void): () => void;
  /** An id that nobody else makes, for idempotency keys. */
  newId(): string;
}

export const browserSystem: BrowserSystem = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  newId() {
    // randomUUID is only there on pages that browsers take for secure; a name of the local network may not be one.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
};
