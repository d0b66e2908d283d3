import type { AgentEvent, AgentProfile } from '@tutti/contracts';
import { hashJson } from '@tutti/kernel';

export type AgentState =
  | { readonly status: 'unknown' }
  | { readonly status: 'registered'; readonly profile: AgentProfile; readonly profileHash: string }
  | { readonly status: 'deregistered'; readonly profile: AgentProfile };

export function agentStream(name: string): string {
  return `agent-${name}`;
}

export const initialAgent = (): AgentState => ({ status: 'unknown' });

export function evolveAgent(state: AgentState, event: AgentEvent): AgentState {
  switch (event.type) {
    case 'AgentRegistered':
    case 'AgentProfileChanged':
      return { status: 'registered', profile: event.data.profile, profileHash: profileHash(event.data.profile) };
    case 'AgentDeregistered':
      return state.status === 'registered' ? { status: 'deregistered', profile: state.profile } : state;
    default:
      return state;
  }
}

/** Two profiles with the same hash are the same registration. */
export function profileHash(profile: AgentProfile): string {
  return hashJson({ ...profile, limits: { ...profile.limits } });
}
