import type { AgentEvent, AgentProfile } from '@tutti/contracts';
import { hashJson, type JsonObject } from '@tutti/kernel';

export type AgentState =
  | { readonly status: 'unknown' }
  | { readonly status: 'registered'; readonly profile: AgentProfile; readonly profileHash: string; readonly isPaused: boolean }
  | { readonly status: 'deregistered'; readonly profile: AgentProfile };

export function agentStream(name: string): string {
  return `agent-${name}`;
}

export const initialAgent = (): AgentState => ({ status: 'unknown' });

export function evolveAgent(state: AgentState, event: AgentEvent): AgentState {
  switch (event.type) {
    case 'AgentRegistered':
    case 'AgentProfileChanged': {
      const { profile } = event.data;
      const isPaused = event.type === 'AgentProfileChanged' && state.status === 'registered' && state.isPaused;
      return { status: 'registered', profile, profileHash: profileHash(profile), isPaused };
    }
    case 'AgentPaused':
    case 'AgentResumed':
      return state.status === 'registered' ? { ...state, isPaused: event.type === 'AgentPaused' } : state;
    case 'AgentDeregistered':
      return state.status === 'registered' ? { status: 'deregistered', profile: state.profile } : state;
    default:
      return state;
  }
}

/** Two profiles with the same hash are the same registration. */
export function profileHash(profile: AgentProfile): string {
  // What a profile leaves out is not there at all, so it is JSON.
  return hashJson({ ...profile, limits: { ...profile.limits } } as unknown as JsonObject);
}
