import type { AgentEvent, AgentProfile } from '@tutti/contracts';
import { assertNever, TuttiError, type Decider } from '@tutti/kernel';
import { evolveAgent, initialAgent, profileHash, type AgentState } from './agent.state.js';

export type AgentCommand =
  | { readonly type: 'RegisterAgent'; readonly profile: AgentProfile; readonly actor: string }
  | {
      readonly type: 'PauseAgent' | 'ResumeAgent' | 'DeregisterAgent';
      readonly name: string;
      readonly actor: string;
      readonly reason: string;
    };

export const agentDecider: Decider<AgentCommand, AgentState, AgentEvent> = { initialState: initialAgent, decide, evolve: evolveAgent };

function decide(command: AgentCommand, state: AgentState): readonly AgentEvent[] {
  switch (command.type) {
    case 'RegisterAgent':
      return register(command, state);
    case 'PauseAgent':
      return pause(command, state);
    case 'ResumeAgent':
      return resume(command, state);
    case 'DeregisterAgent':
      return deregister(command, state);
    default:
      return assertNever(command, 'agent command');
  }
}

type NamedCommand = Extract<AgentCommand, { readonly name: string }>;

function register({ profile, actor }: AgentCommand & { type: 'RegisterAgent' }, state: AgentState): readonly AgentEvent[] {
  if (state.status !== 'registered') return [{ type: 'AgentRegistered', data: { profile, registeredBy: actor } }];
  if (state.profileHash === profileHash(profile)) return [];
  return [{ type: 'AgentProfileChanged', data: { profile, changedBy: actor } }];
}

function pause({ name, actor, reason }: NamedCommand, state: AgentState): readonly AgentEvent[] {
  return isPaused(name, state) ? [] : [{ type: 'AgentPaused', data: { name, pausedBy: actor, reason } }];
}

function resume({ name, actor, reason }: NamedCommand, state: AgentState): readonly AgentEvent[] {
  return isPaused(name, state) ? [{ type: 'AgentResumed', data: { name, resumedBy: actor, reason } }] : [];
}

/** @throws TuttiError AGENT_NOT_FOUND for one that is not registered now */
function isPaused(name: string, state: AgentState): boolean {
  if (state.status === 'registered') return state.isPaused;
  const why = state.status === 'unknown' ? 'was never registered' : 'is deregistered';
  throw new TuttiError('AGENT_NOT_FOUND', `agent ${name} ${why}`);
}

function deregister({ name, actor, reason }: NamedCommand, state: AgentState): readonly AgentEvent[] {
  if (state.status === 'unknown') throw new TuttiError('AGENT_NOT_FOUND', `agent ${name} was never registered`);
  if (state.status === 'deregistered') return [];
  return [{ type: 'AgentDeregistered', data: { name, deregisteredBy: actor, reason } }];
}
