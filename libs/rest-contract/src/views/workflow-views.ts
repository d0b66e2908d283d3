import { z } from 'zod';
import { amount, count, flag, labels, members, text, time } from './view-values.js';

const workflowMembers = {
  name: z.string(),
  version: count,
  description: text,
  hash: text,
  definition: members.default({}),
  registeredAt: time,
};

/** A workflow as lists have it: without its text. */
export const workflowSummary = z.object(workflowMembers).meta({ id: 'WorkflowSummary' });

export const workflowView = z
  .object({
    ...workflowMembers,
    /** The text as it was registered; none in lists. */
    source: text,
  })
  .meta({ id: 'Workflow' });

export const definitionProblem = z
  .object({ line: count, column: count, path: text, message: text })
  .meta({ id: 'DefinitionProblem', description: 'Line and column count from 1; 0 where there is none.' });

const versionView = z
  .object({
    version: count,
    hash: text,
    registeredAt: time,
    isNewest: flag,
    drained: flag,
    /** Per cent of the starts without a version. */
    share: amount,
    openRuns: count,
    /** There are more than `openRuns`. */
    moreOpenRuns: flag,
  })
  .meta({ id: 'WorkflowVersion' });

const rolloutRule = z.object({ version: count, share: z.number().optional(), labels }).meta({ id: 'RolloutRule' });

export const workflowVersions = z
  .object({ versions: z.array(versionView).default([]), rules: z.array(rolloutRule).default([]) })
  .meta({ id: 'WorkflowVersions' });

export const versionsChanged = z.object({ changed: flag, position: count }).meta({ id: 'VersionsChanged' });

export type WorkflowView = Readonly<z.infer<typeof workflowView>>;
export type DefinitionProblem = Readonly<z.infer<typeof definitionProblem>>;
export type WorkflowVersions = Readonly<z.infer<typeof workflowVersions>>;
