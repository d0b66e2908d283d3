import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@tutti/kernel';
import { Agent, type AgentHost, type AgentMessage, type AgentProfile, type AgentTask } from './agent.js';

class Scribe extends Agent {
  override processTask(task: AgentTask): Promise<JsonValue> {
    return Promise.resolve(task.input);
  }
  tell(text: string): Promise<void> {
    return this.send({ recipient: 'reader', messageType: 'note', content: text });
  }
  recall(): Promise<JsonValue | null> {
    return this.loadState();
  }
  remember(state: JsonValue): Promise<void> {
    return this.saveState(state);
  }
}

/** Reads its state while it starts, as authors are told to. */
class Waking extends Scribe {
  woke: JsonValue = null;
  override async start(host: AgentHost): Promise<void> {
    await super.start(host);
    this.woke = await this.loadState();
  }
}

const profile: AgentProfile = {
  ...{ name: 'scribe', version: '1', role: '', description: '', prompt: '', capabilities: ['text.write'], tools: [] },
  ...{ limits: { concurrency: 1, timeoutMs: 0 }, metadata: {} },
};

function createHost(initial: JsonValue | null = null) {
  const sent: unknown[] = [];
  let state = initial;
  const host: AgentHost = {
    profile,
    send: (message) => Promise.resolve(void sent.push(message)),
    loadState: () => Promise.resolve(state),
    saveState: (next) => Promise.resolve(void (state = next)),
  };
  return { host, sent };
}

const message: AgentMessage = {
  ...{ messageId: 'm-1', sender: 'reader', recipient: 'scribe', messageType: 'note' },
  ...{ content: null, timestamp: '2026-01-01T00:00:00.000Z' },
};

describe('Agent', () => {
  it.each<[string, (agent: Scribe) => unknown]>([
    ['send', (agent) => agent.tell('hello')],
    ['load state', (agent) => agent.recall()],
    ['save state', (agent) => agent.remember(1)],
  ])('refuses to %s before it was started, and says so by its class', async (_, act) => {
    await expect(Promise.resolve().then(() => act(new Scribe()))).rejects.toThrow('Scribe is not started yet');
  });

  it('sends through its host once it was started', async () => {
    const { host, sent } = createHost();
    const agent = new Scribe();
    await agent.start(host);
    await agent.tell('hello');
    expect(sent).toEqual([{ recipient: 'reader', messageType: 'note', content: 'hello' }]);
  });

  it('loads what it saved', async () => {
    const agent = new Scribe();
    await agent.start(createHost().host);
    await expect(agent.recall()).resolves.toBeNull();
    await agent.remember({ pages: 3 });
    await expect(agent.recall()).resolves.toEqual({ pages: 3 });
  });

  it('may load its state while it starts, after it has called the base', async () => {
    const agent = new Waking();
    await agent.start(createHost({ pages: 7 }).host);
    expect(agent.woke).toEqual({ pages: 7 });
  });

  it('acknowledges messages that it does not handle, even before it was started', async () => {
    await expect(new Scribe().receive(message)).resolves.toBeUndefined();
  });
});
