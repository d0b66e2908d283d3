import { Agent, type AgentHost } from '@tutti/agent-sdk';
import {
  conversationStream,
  messageEvents,
  MESSAGES_TOPIC,
  type AgentProfile,
  type AgentService,
  type MessageSentPayload,
} from '@tutti/contracts';
import type { BusSubscription, Delivery, EventBus } from '@tutti/event-bus';
import type { EventStore } from '@tutti/event-store';
import { TuttiError, type Runtime } from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import type { HostedAgent } from '../hosting/hosted-agent.js';
import { copyJson } from '../hosting/json-copy.js';
import { AgentStateStore } from './agent-state-store.js';
import { newAgentEvent } from './new-agent-event.js';

export interface MessageDeskPorts {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly store: Pick<EventStore, 'append' | 'readStream'>;
  readonly bus: EventBus;
  readonly values: Pick<ValueStore, 'store' | 'load'>;
  readonly agentService: Pick<AgentService, 'getAgent'>;
}

/** Sends and delivers messages between agents, and keeps their states. */
export class MessageDesk {
  private readonly subscriptions: BusSubscription[] = [];
  private readonly receiving = new Set<(reason: TuttiError) => void>();

  constructor(private readonly ports: MessageDeskPorts) {}

  hostFor(profile: AgentProfile): AgentHost {
    const { store, values, runtime } = this.ports;
    const states = new AgentStateStore(profile.name, store, values, runtime.ids);
    return {
      profile,
      send: (message) => this.send(profile.name, message),
      loadState: () => states.load(),
      saveState: (state) => states.save(state),
    };
  }

  /**
   * Delivers to these agents from now on, beginning with what waits for them. Each agent is a group of its own, wherever it is hosted: were
   * a pool one group, a worker that does not host the recipient would take its message and drop it.
   */
  async open(member: string, agents: readonly HostedAgent[]): Promise<void> {
    for (const agent of agents) {
      // Most agents never listen; their messages wait, should a later version of them do.
      if (agent.instance.receive === undefined || agent.instance.receive === Agent.prototype.receive) continue;
      const handle = (delivery: Delivery) => this.deliver(agent, delivery);
      this.subscriptions.push(
        await this.ports.bus.subscribe({ topic: MESSAGES_TOPIC, group: `agent-${agent.profile.name}`, member, handle }),
      );
    }
  }

  /** A message that is being received now is not acknowledged, and comes again. */
  async close(): Promise<void> {
    for (const interrupt of this.receiving) interrupt(new TuttiError('SHUTTING_DOWN', 'the worker stops'));
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
  }

  private async send(sender: string, message: Parameters<AgentHost['send']>[0]): Promise<void> {
    const { store, values, runtime, agentService } = this.ports;
    const { recipient, messageType } = message;
    const content = copyJson(message.content, 'content');
    // A message to nobody would be durable and never read.
    const { agent } = await agentService.getAgent({ name: recipient, minPosition: 0 });
    if (agent === undefined || agent.status === 'deregistered')
      throw new TuttiError('AGENT_NOT_FOUND', `agent ${sender} wrote to agent ${recipient}, which is no longer registered`);
    const messageId = runtime.ids.next();
    const replyTo = message.replyTo ?? null;
    const data = { messageId, sender, recipient, messageType, content: await values.store(content), replyTo };
    await store.append(conversationStream(recipient), [newAgentEvent(messageId, messageEvents.MessageSent, sender, data, replyTo)], 'any');
  }

  private async deliver({ profile, instance }: HostedAgent, delivery: Delivery): Promise<void> {
    const { messageId, sender, recipient, messageType, content, replyTo, timestamp } = delivery.payload as MessageSentPayload;
    if (recipient !== profile.name || instance.receive === undefined) return;
    const message = {
      messageId,
      sender,
      recipient,
      messageType,
      content: copyJson(await this.ports.values.load(content), 'content'),
      timestamp,
    };
    try {
      await this.unlessClosed(instance.receive(replyTo === null ? message : { ...message, replyTo }));
    } catch (error) {
      this.ports.logger.warn('agent did not take a message; it comes again', {
        messageId,
        recipient,
        sender,
        delivery: delivery.delivery,
        err: error,
      });
      throw error;
    }
  }

  private unlessClosed(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.receiving.add(reject);
      work.then(resolve, reject).finally(() => this.receiving.delete(reject));
    });
  }
}
