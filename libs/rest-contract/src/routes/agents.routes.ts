import { z } from 'zod';
import { flag, freeText, minPosition, namePath, nameText, paging, repeated } from '../request-values.js';
import { defineRoute } from '../route.js';
import { agentView } from '../views/agent-views.js';
import { changed, page } from '../views/view-values.js';

const METADATA = /^metadata(?:\.(?<dotted>.*)|\[(?<bracketed>.*)\])$/s;

export const listAgents = defineRoute({
  id: 'listAgents',
  method: 'GET',
  path: '/v1/agents',
  tag: 'agents',
  summary: 'Agents by name, with all the capabilities and metadata asked for',
  access: 'agents:read',
  load: 'read',
  query: z.preprocess(
    gatherMetadata,
    z.strictObject({
      capability: repeated(nameText, 100).default([]),
      metadata: z
        .record(nameText, freeText(1_000))
        .default({})
        .meta({ description: '`metadata[team]=core`, or `metadata.team=core`', param: { style: 'deepObject', explode: true } }),
      includeDeregistered: flag.default(false),
      ...paging,
      minPosition,
    }),
  ),
  answers: { 200: { description: 'A page of agents', schema: z.object({ agents: z.array(agentView).default([]), ...page }) } },
});

export const getAgent = defineRoute({
  id: 'getAgent',
  method: 'GET',
  path: '/v1/agents/{name}',
  tag: 'agents',
  summary: 'An agent',
  access: 'agents:read',
  load: 'read',
  params: namePath,
  query: z.strictObject({ minPosition }),
  answers: { 200: { description: 'The agent', schema: z.object({ agent: agentView }), headers: ['ETag'] } },
  errors: ['AGENT_NOT_FOUND'],
});

const control = {
  tag: 'agents',
  access: 'agents:control',
  params: namePath,
  answers: { 200: { description: 'It is recorded', schema: changed } },
  errors: ['AGENT_NOT_FOUND'],
} as const;
const reasonBody = z.strictObject({ reason: freeText(1_000).default('') });

export const pauseAgent = defineRoute({
  ...control,
  id: 'pauseAgent',
  method: 'POST',
  path: '/v1/agents/{name}/pause',
  summary: 'Give an agent no more tasks',
  description: 'What it has in hand it finishes. Again changes nothing.',
  load: 'vital',
  body: reasonBody,
});

export const resumeAgent = defineRoute({
  ...control,
  id: 'resumeAgent',
  method: 'POST',
  path: '/v1/agents/{name}/resume',
  summary: 'Let an agent have tasks again',
  description: 'Again changes nothing.',
  load: 'vital',
  body: reasonBody,
});

export const deregisterAgent = defineRoute({
  ...control,
  id: 'deregisterAgent',
  method: 'DELETE',
  path: '/v1/agents/{name}',
  summary: 'Take an agent out',
  description: 'What it has in hand it finishes. Again changes nothing.',
  load: 'change',
  query: z.strictObject({ reason: freeText(2_000).default('') }),
});

/** `metadata.team=core` as a member of `metadata`. */
function gatherMetadata(query: Readonly<Record<string, unknown>>): unknown {
  const rest: [string, unknown][] = [];
  const metadata: [string, unknown][] = [];
  for (const [name, value] of Object.entries(query)) {
    const found = METADATA.exec(name)?.groups;
    if (found !== undefined) metadata.push([found['dotted'] ?? found['bracketed'] ?? '', value]);
    // Whoever gives "metadata" itself is told that there is no such parameter.
    else rest.push([name === 'metadata' ? '"metadata"' : name, value]);
  }
  return { ...Object.fromEntries(rest), metadata: Object.fromEntries(metadata) };
}
