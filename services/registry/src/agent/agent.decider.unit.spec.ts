import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentProfile } from '@tutti/contracts';
import { fold } from '@tutti/kernel';
import { agentDecider, type AgentCommand } from './agent.decider.js';

const profile: AgentProfile = {
  name: 'data-architect',
  version: '1.0.0',
  description: 'Designs data models',
  role: 'Data architect',
  capabilities: ['architecture.data'],
  specialisations: [],
  prompt: 'You design data models.',
  model: '',
  tools: [],
  limits: { concurrency: 2, timeoutMs: 0 },
  kind: 'class',
  metadata: { engine: 'offline' },
};
const registered: AgentEvent = { type: 'AgentRegistered', data: { profile, registeredBy: 'user:ada' } };
const deregistered: AgentEvent = { type: 'AgentDeregistered', data: { name: profile.name, deregisteredBy: 'user:ada', reason: 'retired' } };
const register = (changes: Partial<AgentProfile> = {}): AgentCommand => ({
  type: 'RegisterAgent',
  profile: { ...profile, ...changes },
  actor: 'user:ada',
});
const deregister: AgentCommand = { type: 'DeregisterAgent', name: profile.name, actor: 'user:ada', reason: 'retired' };

const decide = (given: readonly AgentEvent[], command: AgentCommand) => agentDecider.decide(command, fold(agentDecider, given));

describe('an agent', () => {
  it('is registered when nobody knows it', () => {
    expect(decide([], register())).toEqual([registered]);
  });

  it('stores nothing when the very same profile is registered again, whatever the order of its keys', () => {
    const reordered = Object.fromEntries(Object.entries(profile).reverse()) as AgentProfile;
    expect(decide([registered], { type: 'RegisterAgent', profile: reordered, actor: 'user:bob' })).toEqual([]);
  });

  it('records a changed profile, and compares with the newest one', () => {
    const changed: AgentEvent = { type: 'AgentProfileChanged', data: { profile: { ...profile, version: '1.1.0' }, changedBy: 'user:ada' } };
    expect(decide([registered], register({ version: '1.1.0' }))).toEqual([changed]);
    expect(decide([registered, changed], register({ version: '1.1.0' }))).toEqual([]);
    expect(decide([registered, changed], register())).toHaveLength(1);
  });

  it('sees a change inside its metadata', () => {
    expect(decide([registered], register({ metadata: { engine: 'online' } }))).toHaveLength(1);
  });

  it('is deregistered once', () => {
    expect(decide([registered], deregister)).toEqual([deregistered]);
    expect(decide([registered, deregistered], deregister)).toEqual([]);
  });

  it('can be registered anew after it was deregistered, even with the profile it had', () => {
    expect(decide([registered, deregistered], register())).toEqual([registered]);
  });

  it('cannot be deregistered when it was never there', () => {
    expect(() => decide([], deregister)).toThrow(
      expect.objectContaining({ code: 'AGENT_NOT_FOUND', message: expect.stringContaining('data-architect') }),
    );
  });
});
