import { Controller, Get, Inject } from '@nestjs/common';
import { OutcomeMonitor, type Regression } from './outcome-monitor.js';

/** What was found, for people and programs. */
@Controller()
export class FindingsController {
  constructor(@Inject(OutcomeMonitor) private readonly monitor: OutcomeMonitor) {}

  @Get('findings')
  findings(): { readonly regressions: readonly Regression[] } {
    return { regressions: this.monitor.regressions() };
  }
}
