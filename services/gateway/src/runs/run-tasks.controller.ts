import { Controller, Inject } from '@nestjs/common';
import type { RunService } from '@tutti/contracts';
import { explainTasks, getAttempts, listAttempts, listTasks, type RouteInput } from '@tutti/rest-contract';
import { RUN_SERVICE } from '@tutti/service-kit';
import { Input, Route } from '../rest/route.decorator.js';
import { present } from '../wire/wire-enum.js';

/** A run's tasks, their attempts, and why they went where they went. */
@Controller()
export class RunTasksController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  @Route(listTasks)
  async tasks(@Input(listTasks) { params, query }: RouteInput<typeof listTasks>) {
    const { tasks, nextPageToken } = await this.runs.listTasks({ runId: params.id, ...query });
    return { tasks, nextPageToken };
  }

  @Route(listAttempts)
  async attempts(@Input(listAttempts) { params, query }: RouteInput<typeof listAttempts>) {
    const { tasks } = await this.runs.listAttempts({ runId: params.id, ...query });
    return { tasks };
  }

  @Route(getAttempts)
  async attemptsOfTask(@Input(getAttempts) { params }: RouteInput<typeof getAttempts>) {
    const { tasks } = await this.runs.listAttempts({ runId: params.id, task: params.task });
    return { task: present(tasks[0], 'task') };
  }

  @Route(explainTasks)
  async why(@Input(explainTasks) { params, query }: RouteInput<typeof explainTasks>) {
    const { explanations } = await this.runs.explainTask({ runId: params.id, ...query });
    return { explanations };
  }
}
