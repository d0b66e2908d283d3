import { readConfig } from '@tutti/service-kit';
import { runProcess } from '@tutti/service-process';
import { selfImprovementProcessConfig } from './process/self-improvement-process.config.js';
import { createSelfImprovementProcess } from './process/self-improvement-process.js';

await runProcess(process, {
  name: 'self-improvement',
  usage: `Usage: node services/self-improvement/dist/main.js [options]

Watches how the attempts of agents end, and says which agent fails more often than it did, at /findings and in the log. Prints "ready <url>" when it does.

  --data-dir DIR  the data folder (default: .tutti)
  --port PORT     where it listens (default: 4730)
  --help          print this and end`,
  options: { 'data-dir': 'TUTTI_DATA_DIR', port: 'TUTTI_SELF_IMPROVEMENT__PORT' },
  create: async (place, flags) =>
    createSelfImprovementProcess(await readConfig(selfImprovementProcessConfig, place.cwd, place.environment, flags), place),
});
