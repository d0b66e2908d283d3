import type { Runtime } from '@tutti/kernel';
import { readServiceInfo, removeServiceInfo, writeServiceInfo, type Logger, type ServiceInfo, type ServiceRole } from '@tutti/service-kit';
import type { Directory, Seat } from '../directory/directory.port.js';
import { FolderSeat } from './folder-seat.js';

interface FolderDirectoryOptions {
  readonly dataDir: string;
  readonly pid: number;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

/** A file each for whoever is there, a lock each for what there is one of. */
export class FolderDirectory implements Directory {
  /** One coordinator at a time has its seat, and all runs. */
  readonly partitions = null;

  constructor(private readonly options: FolderDirectoryOptions) {}

  announce(role: ServiceRole, address: string): Promise<void> {
    const { dataDir, pid } = this.options;
    return writeServiceInfo(dataDir, role, { address, pid });
  }

  withdraw(role: ServiceRole): Promise<void> {
    return removeServiceInfo(this.options.dataDir, role, this.options.pid);
  }

  find(role: ServiceRole): Promise<ServiceInfo> {
    return readServiceInfo(this.options.dataDir, role);
  }

  seat(role: string): Seat {
    const { dataDir, runtime, logger } = this.options;
    return new FolderSeat({ dataDir, role, runtime, logger });
  }
}
