import { deleteSchedule, pauseSchedule, resumeSchedule, triggerSchedule, type ScheduleView } from '@tutti/rest-contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useHttp } from '../../api/http-context.js';
import { browserSystem } from '../../system/browser-system.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';

export type ScheduleChange = 'pause' | 'resume' | 'delete' | 'trigger';

const WORDS: Readonly<Record<ScheduleChange, { readonly verb: string; readonly text: string; readonly confirm: string }>> = {
  pause: { verb: 'Pause', text: 'No run starts at its times until it is resumed.', confirm: 'Pause the schedule' },
  resume: { verb: 'Resume', text: 'Runs start again at its times.', confirm: 'Resume the schedule' },
  delete: { verb: 'Delete', text: 'It starts nothing any more. Runs that it started go on.', confirm: 'Delete the schedule' },
  trigger: { verb: 'Run', text: 'A run starts now, besides those at its times.', confirm: 'Start it now' },
};
const ROUTES = { pause: pauseSchedule, resume: resumeSchedule, delete: deleteSchedule } as const;

interface ScheduleDialogProps {
  readonly schedule: ScheduleView;
  readonly change: ScheduleChange;
  readonly onClose: () => void;
}

export function ScheduleDialog({ schedule: { name }, change, onClose }: ScheduleDialogProps) {
  const http = useHttp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [idempotencyKey] = useState(() => browserSystem.newId());
  const { verb, text, confirm } = WORDS[change];
  const apply = async (reason: string): Promise<void> => {
    if (change === 'trigger') {
      const { runId } = await http.ask(triggerSchedule, { params: { name }, body: {}, idempotencyKey });
      await navigate(`/runs/${encodeURIComponent(runId)}`);
      return;
    }
    await http.ask(ROUTES[change], { params: { name }, body: { reason } });
    await client.invalidateQueries({ queryKey: ['schedules'] });
  };
  return (
    <ConfirmDialog
      title={`${verb} ${name}`}
      text={text}
      confirm={confirm}
      isDangerous={change === 'delete'}
      withReason={change !== 'trigger'}
      onConfirm={apply}
      onClose={onClose}
    />
  );
}
