import type { SharedFolder } from '@tutti/store-host/embedded';
import type { Connections } from '../process-parts.js';

const HOST = 'the store host';

/** All ports of a data folder come from its host. */
export class FolderConnections implements Connections {
  constructor(private readonly folder: Pick<SharedFolder, 'status' | 'onStatus' | 'connected' | 'hosting'>) {}

  get away(): readonly string[] {
    return this.folder.status.status === 'connected' ? [] : [HOST];
  }

  onChange(listener: () => void): () => void {
    return this.folder.onStatus(listener);
  }

  /** @throws TuttiError STORE_LOCKED for a folder that a process holds for itself · DATA_DAMAGED */
  connected(): Promise<boolean> {
    return this.folder.connected();
  }

  storePlace(): string {
    const { status, hosting } = this.folder;
    if (hosting) return 'served by this process';
    return `served by ${status.status === 'connected' ? status.host : 'another process'}`;
  }
}
