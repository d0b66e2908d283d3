import type { CommandTable } from './command.js';
import { describeAgentCommand, listAgentsCommand, pauseAgentCommand, resumeAgentCommand } from './commands/agent/agent.command.js';
import { delegateApprovalCommand, getApprovalCommand, listApprovalsCommand } from './commands/approval/approval.command.js';
import { approveCommand, rejectCommand } from './commands/approval/decide.command.js';
import {
  discardDeadLetterCommand,
  getDeadLetterCommand,
  listDeadLettersCommand,
  replayDeadLetterCommand,
} from './commands/dead-letter/dead-letter.command.js';
import { listEventsCommand, tailEventsCommand } from './commands/event/list.command.js';
import { publishEventCommand } from './commands/event/publish.command.js';
import { createKeyCommand, rotateKeyCommand } from './commands/key/issue-key.command.js';
import { getKeyCommand, listKeysCommand, revokeKeyCommand } from './commands/key/key.command.js';
import { listNotificationsCommand, testChannelCommand } from './commands/notification/notification.command.js';
import { loginCommand, logoutCommand } from './commands/profile/login.command.js';
import {
  listProfilesCommand,
  removeProfileCommand,
  setProfileCommand,
  showProfileCommand,
  useProfileCommand,
} from './commands/profile/profile.command.js';
import { whoamiCommand } from './commands/profile/whoami.command.js';
import { listAttemptsCommand } from './commands/run/attempts.command.js';
import { cancelRunCommand } from './commands/run/cancel.command.js';
import { getRunCommand } from './commands/run/get.command.js';
import { listRunsCommand } from './commands/run/list.command.js';
import { logsOfRunCommand } from './commands/run/logs.command.js';
import { migrateRunCommand } from './commands/run/migrate.command.js';
import { pauseRunCommand, resumeRunCommand } from './commands/run/pause.command.js';
import { queryRunCommand } from './commands/run/query.command.js';
import { resetRunCommand, retryRunCommand, skipStepCommand } from './commands/run/repair.command.js';
import { setVariablesCommand } from './commands/run/set.command.js';
import { signalRunCommand } from './commands/run/signal.command.js';
import { startRunCommand } from './commands/run/start.command.js';
import { watchRunCommand } from './commands/run/watch.command.js';
import { explainRunCommand } from './commands/run/why.command.js';
import {
  backfillScheduleCommand,
  createScheduleCommand,
  deleteScheduleCommand,
  getScheduleCommand,
  listSchedulesCommand,
  pauseScheduleCommand,
  resumeScheduleCommand,
  triggerScheduleCommand,
} from './commands/schedule/schedule.command.js';
import { listServicesCommand } from './commands/service/service.command.js';
import { backupCommand, restoreCommand } from './commands/system/backup.command.js';
import { completionCommand } from './commands/system/completion.command.js';
import { devCommand } from './commands/system/dev.command.js';
import { doctorCommand } from './commands/system/doctor.command.js';
import { helpCommand } from './commands/system/help.command.js';
import { newProjectCommand } from './commands/system/new.command.js';
import { upCommand } from './commands/system/up.command.js';
import { versionCommand } from './commands/system/version.command.js';
import { drainVersionCommand, listVersionsCommand, restoreVersionCommand, rolloutCommand } from './commands/workflow/versions.command.js';
import {
  getWorkflowCommand,
  listWorkflowsCommand,
  registerWorkflowCommand,
  validateWorkflowCommand,
} from './commands/workflow/workflow.command.js';

/** Where a noun alone means its list. */
const listed = { verb: 'list', pluralVerb: 'list' } as const;

/** Every command there is. What else knows commands (parsing, help, completion, docs/cli.md) has them from here. */
export const COMMAND_TABLE: CommandTable = [
  {
    title: 'Begin',
    entries: [newProjectCommand, devCommand, upCommand, loginCommand, logoutCommand, whoamiCommand],
  },
  {
    title: 'Work',
    entries: [
      {
        ...{ name: 'run', plural: 'runs', summary: 'runs of workflows', verb: 'start', pluralVerb: 'list' },
        commands: [
          ...[startRunCommand, listRunsCommand, getRunCommand, watchRunCommand, logsOfRunCommand, explainRunCommand, listAttemptsCommand],
          ...[pauseRunCommand, resumeRunCommand, cancelRunCommand, retryRunCommand, resetRunCommand, skipStepCommand],
          ...[signalRunCommand, queryRunCommand, setVariablesCommand, migrateRunCommand],
        ],
      },
      {
        ...{ name: 'approval', plural: 'approvals', summary: 'what waits for a person', ...listed },
        commands: [listApprovalsCommand, getApprovalCommand, approveCommand, rejectCommand, delegateApprovalCommand],
      },
      {
        ...{ name: 'workflow', plural: 'workflows', summary: 'definitions and their versions', ...listed },
        commands: [
          ...[listWorkflowsCommand, getWorkflowCommand, validateWorkflowCommand, registerWorkflowCommand],
          ...[listVersionsCommand, rolloutCommand, drainVersionCommand, restoreVersionCommand],
        ],
      },
      {
        ...{ name: 'schedule', plural: 'schedules', summary: 'what starts runs when it is time', ...listed },
        commands: [
          ...[listSchedulesCommand, getScheduleCommand, createScheduleCommand, pauseScheduleCommand, resumeScheduleCommand],
          ...[triggerScheduleCommand, backfillScheduleCommand, deleteScheduleCommand],
        ],
      },
      {
        ...{ name: 'event', plural: 'events', summary: 'what was recorded', ...listed },
        commands: [listEventsCommand, tailEventsCommand, publishEventCommand],
      },
    ],
  },
  {
    title: 'Operate',
    entries: [
      {
        ...{ name: 'agent', plural: 'agents', summary: 'who does the work', ...listed },
        commands: [listAgentsCommand, describeAgentCommand, pauseAgentCommand, resumeAgentCommand],
      },
      { ...{ name: 'service', plural: 'services', summary: 'instances of the services', ...listed }, commands: [listServicesCommand] },
      {
        ...{ name: 'dead-letter', plural: 'dead-letters', summary: 'messages that nobody could handle', ...listed },
        commands: [listDeadLettersCommand, getDeadLetterCommand, replayDeadLetterCommand, discardDeadLetterCommand],
      },
      {
        ...{
          name: 'notification',
          plural: 'notifications',
          summary: 'what people were told by webhook and mail, and what could not be delivered',
          ...listed,
        },
        commands: [listNotificationsCommand, testChannelCommand],
      },
      {
        ...{ name: 'key', plural: 'keys', summary: 'API keys of people and programs', ...listed },
        commands: [createKeyCommand, listKeysCommand, getKeyCommand, rotateKeyCommand, revokeKeyCommand],
      },
      doctorCommand,
      backupCommand,
      restoreCommand,
    ],
  },
  {
    title: 'This program',
    entries: [
      {
        ...{ name: 'profile', plural: 'profiles', summary: 'systems that this program knows, with their keys', ...listed },
        commands: [listProfilesCommand, showProfileCommand, useProfileCommand, setProfileCommand, removeProfileCommand],
      },
      completionCommand,
      versionCommand,
      helpCommand(() => COMMAND_TABLE),
    ],
  },
];
