import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { agentEvents, type AgentEvent, type AgentProfile } from '@tutti/contracts';
import { handleCommand, type EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import { EVENT_STORE, RUNTIME } from '@tutti/service-kit';
import { registryEvent } from '../registry-event.js';
import { agentDecider, type AgentCommand } from './agent.decider.js';
import { agentStream } from './agent.state.js';

interface AgentChange {
  /** False for a repeat of what was there. */
  readonly changed: boolean;
  /** Of the agent's last event. */
  readonly position: number;
}

export class RegisterAgentCommand extends Command<AgentChange> {
  constructor(
    readonly profile: AgentProfile,
    readonly actor: string,
  ) {
    super();
  }
}

export class DeregisterAgentCommand extends Command<AgentChange> {
  constructor(
    readonly name: string,
    readonly actor: string,
    readonly reason: string,
  ) {
    super();
  }
}

/** Whether an agent gets new tasks. */
export class HoldAgentCommand extends Command<AgentChange> {
  constructor(
    readonly type: 'PauseAgent' | 'ResumeAgent',
    readonly name: string,
    readonly actor: string,
    readonly reason: string,
  ) {
    super();
  }
}

@CommandHandler(HoldAgentCommand)
export class HoldAgentHandler implements ICommandHandler<HoldAgentCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  execute({ type, name, actor, reason }: HoldAgentCommand): Promise<AgentChange> {
    return apply(this.store, this.runtime, name, { type, name, actor, reason });
  }
}

@CommandHandler(RegisterAgentCommand)
export class RegisterAgentHandler implements ICommandHandler<RegisterAgentCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  execute({ profile, actor }: RegisterAgentCommand): Promise<AgentChange> {
    return apply(this.store, this.runtime, profile.name, { type: 'RegisterAgent', profile, actor });
  }
}

@CommandHandler(DeregisterAgentCommand)
export class DeregisterAgentHandler implements ICommandHandler<DeregisterAgentCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  execute({ name, actor, reason }: DeregisterAgentCommand): Promise<AgentChange> {
    return apply(this.store, this.runtime, name, { type: 'DeregisterAgent', name, actor, reason });
  }
}

async function apply(store: EventStore, runtime: Runtime, name: string, command: AgentCommand): Promise<AgentChange> {
  const { events, position } = await handleCommand(store, {
    stream: agentStream(name),
    decider: agentDecider,
    command,
    encode: (event) => registryEvent(runtime.ids, agentEvents, event, command.actor),
    decode: (recorded) => ({ type: recorded.type, data: recorded.data }) as AgentEvent,
  });
  return { changed: events.length > 0, position };
}
