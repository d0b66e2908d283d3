import { readConfig } from '@tutti/service-kit';
import { runProcess } from '@tutti/service-process';
import { gatewayProcessConfig } from './process/gateway-process.config.js';
import { createGatewayProcess } from './process/gateway-process.js';

await runProcess(process, {
  name: 'gateway',
  usage: `Usage: node services/gateway/dist/main.js [options]

The door to a data folder, whose coordinator and registry are other processes. They may be started in any order. Prints "ready <url>" when all are
there, and "page <url>" where the page was built; while another gateway of the folder serves, "standby behind <pid>".

  --data-dir DIR  the data folder (default: .tutti)
  --port N        port to listen on, 0 for any free one (default: 4700)
  --help          print this and end`,
  options: { 'data-dir': 'TUTTI_DATA_DIR', port: 'TUTTI_GATEWAY__PORT' },
  create: async (place, flags) => createGatewayProcess(await readConfig(gatewayProcessConfig, place.cwd, place.environment, flags), place),
});
