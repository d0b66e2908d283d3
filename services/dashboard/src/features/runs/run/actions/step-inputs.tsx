import { Checkbox, Stack } from '@mantine/core';
import { JsonField } from '../../../../ui/json-field.js';
import { isJson, readJson, type JsonObject } from '../../../../ui/json-text.js';

type Inputs = Readonly<Record<string, string>>;

interface StepInputsProps {
  readonly steps: readonly string[];
  /** JSON texts by step; a step that is not in it keeps what it had. */
  readonly inputs: Inputs;
  readonly onChange: (inputs: Inputs) => void;
}

/** Another input for steps that are done anew. */
export function StepInputs({ steps, inputs, onChange }: StepInputsProps) {
  return (
    <Stack gap="sm">
      {steps.map((step) => {
        const text = inputs[step];
        const { [step]: _left, ...others } = inputs;
        return (
          <Stack key={step} gap={6}>
            <Checkbox
              label={`Another input for ${step}`}
              checked={text !== undefined}
              onChange={(event) => onChange(event.currentTarget.checked ? { ...inputs, [step]: '{}' } : others)}
            />
            {text !== undefined && (
              <JsonField
                label={`Input of ${step}, as JSON`}
                value={text}
                onChange={(next) => onChange({ ...inputs, [step]: next })}
                minRows={3}
              />
            )}
          </Stack>
        );
      })}
    </Stack>
  );
}

export function areStepInputs(inputs: Inputs): boolean {
  return Object.values(inputs).every(isJson);
}

export function readStepInputs(inputs: Inputs): JsonObject {
  return Object.fromEntries(Object.entries(inputs).map(([step, text]) => [step, readJson(text)]));
}
