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

  it('is paused once and resumed once, by whom and why', () => {
    const paused: AgentEvent = { type: 'AgentPaused', data: { name: profile.name, pausedBy: 'user:bob', reason: 'the model is down' } };
    const resumed: AgentEvent = { type: 'AgentResumed', data: { name: profile.name, resumedBy: 'user:bob', reason: '' } };
    const pause: AgentCommand = { type: 'PauseAgent', name: profile.name, actor: 'user:bob', reason: 'the model is down' };
    const resume: AgentCommand = { type: 'ResumeAgent', name: profile.name, actor: 'user:bob', reason: '' };
    expect([decide([registered], pause), decide([registered, paused], pause)]).toEqual([[paused], []]);
    expect([decide([registered, paused], resume), decide([registered, paused, resumed], resume), decide([registered], resume)]).toEqual([
      [resumed],
      [],
      [],
    ]);
  });

  it('stays paused over a changed profile, and is not when it is registered anew after it was taken out', () => {
    const paused: AgentEvent = { type: 'AgentPaused', data: { name: profile.name, pausedBy: 'user:bob', reason: '' } };
    const changed: AgentEvent = { type: 'AgentProfileChanged', data: { profile: { ...profile, version: '2' }, changedBy: 'user:ada' } };
    const pause: AgentCommand = { type: 'PauseAgent', name: profile.name, actor: 'user:bob', reason: '' };
    expect(decide([registered, paused, changed], pause)).toEqual([]);
    expect(decide([registered, paused], register())).toEqual([]);
    expect(decide([registered, paused, deregistered, registered], pause)).toHaveLength(1);
  });

  it.each(['PauseAgent', 'ResumeAgent'] as const)('cannot be held when it is not registered: %s', (type) => {
    const command: AgentCommand = { type, name: profile.name, actor: 'user:bob', reason: '' };
    for (const given of [[], [registered, deregistered]])
      expect(() => decide(given, command)).toThrow(expect.objectContaining({ code: 'AGENT_NOT_FOUND' }));
  });

  it('cannot be deregistered when it was never there', () => {
    expect(() => decide([], deregister)).toThrow(
      expect.objectContaining({ code: 'AGENT_NOT_FOUND', message: expect.stringContaining('data-architect') }),
    );
  });
});
