import { setVariables } from '@tutti/rest-contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useHttp } from '../../../../api/http-context.js';
import { ConfirmDialog } from '../../../../ui/confirm-dialog.js';
import { JsonField } from '../../../../ui/json-field.js';
import { isJsonObject, readJsonObject } from '../../../../ui/json-text.js';

interface VariablesDialogProps {
  readonly runId: string;
  readonly onClose: () => void;
}

export function VariablesDialog({ runId, onClose }: VariablesDialogProps) {
  const http = useHttp();
  const client = useQueryClient();
  const [values, setValues] = useState('{\n  \n}');
  const isObject = isJsonObject(values);
  return (
    <ConfirmDialog
      title="Set variables"
      text="What is evaluated from now on sees the new values. What was evaluated stays."
      confirm="Set them"
      isDisabled={!isObject || values.replace(/\s/g, '') === '{}'}
      onConfirm={async (reason) => {
        await http.ask(setVariables, { params: { id: runId }, body: { values: readJsonObject(values), reason } });
        await client.invalidateQueries({ queryKey: ['run', runId] });
      }}
      onClose={onClose}
    >
      <JsonField
        label="Variables, as a JSON object"
        description={`Like {"budget": 80}. Those that are not named stay.`}
        value={values}
        onChange={setValues}
        error={isObject ? null : 'Expected an object.'}
        minRows={4}
      />
    </ConfirmDialog>
  );
}
