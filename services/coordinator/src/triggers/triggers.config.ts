import { TuttiError } from '@tutti/kernel';
import { textList } from '@tutti/service-kit';
import { z } from 'zod';
import { parseSecrets } from '../notifications/webhook/signature.js';

const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');

export const triggersConfig = z.strictObject({
  /** Secrets of webhooks, by the name that `on.webhook` gives, which is the webhook's own where it gives none. */
  webhooks: z
    .record(
      z.string().min(1).max(100),
      z.strictObject({
        /** Variable that holds one or more `whsec_…`, with spaces between: a message may be signed with any of them. */
        secretEnv: variable,
      }),
    )
    .default({}),
  /** File triggers look into these folders and those below them, and nowhere else. Absolute paths. */
  fileRoots: textList.default([]),
});
export type TriggersConfig = z.infer<typeof triggersConfig>;

/** @throws TuttiError INVALID_CONFIG naming every variable that is missing or holds no secret */
export function webhookSecrets(
  { webhooks }: TriggersConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, readonly Uint8Array[]>> {
  const problems: string[] = [];
  const secrets = Object.entries(webhooks).map(([name, { secretEnv }]) => {
    const keys = parseSecrets(environment[secretEnv] ?? '');
    if (keys === null)
      problems.push(
        `coordinator.triggers.webhooks.${name}: ${secretEnv} ${environment[secretEnv] === undefined ? 'is not in the environment' : 'holds something else'}; expected whsec_ and 24 to 64 bytes in base64`,
      );
    return [name, keys ?? []] as const;
  });
  if (problems.length > 0) throw new TuttiError('INVALID_CONFIG', problems.join('\n'), { details: { problems } });
  return Object.fromEntries(secrets);
}
