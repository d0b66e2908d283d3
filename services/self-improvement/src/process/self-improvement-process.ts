import 'reflect-metadata';
import type { ProcessPlace, ServedProcess } from '@tutti/service-process';
import { createFollowerProcess } from '@tutti/service-process/follower';
import { FindingsController } from '../monitor/findings.controller.js';
import { OutcomeMonitorController } from '../monitor/outcome-monitor.controller.js';
import { OutcomeMonitor } from '../monitor/outcome-monitor.js';
import type { SelfImprovementProcessConfig } from './self-improvement-process.config.js';

/** Self-improvement in a process of its own: so far it watches and says what it sees; it proposes and changes nothing. */
export function createSelfImprovementProcess(config: SelfImprovementProcessConfig, place: ProcessPlace): Promise<ServedProcess> {
  const { lookBack, ...http } = config.selfImprovement;
  return createFollowerProcess({
    ...{ name: 'self-improvement', config, place, http, lookBack },
    create: (logger) => {
      const monitor = new OutcomeMonitor((agent, capability, regression) => {
        if (regression === null) logger.info('an agent fails no more often than before', { agent, capability });
        else logger.warn('an agent fails more often than before', { ...regression });
      });
      return {
        controllers: [OutcomeMonitorController, FindingsController],
        providers: [{ provide: OutcomeMonitor, useValue: monitor }],
      };
    },
  });
}
