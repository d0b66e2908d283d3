import { describe, expect, it } from '@jest/globals';
import type { ReadModelsCase } from './contract/contract-case.js';
import { readModelsContract } from './contract/read-models-contract.js';
import { FAULTY_ADAPTERS } from './faulty-adapters.js';
import { createInMemoryStorage, SOUND_RULES, type StorageRules } from '../in-memory/in-memory-storage.js';

async function failureOf({ run }: ReadModelsCase, rules: StorageRules): Promise<string | null> {
  const storage = createInMemoryStorage(rules);
  try {
    await run({ readModels: storage.connect(), reopen: async () => storage.connect(), close: async () => undefined });
    return null;
  } catch (error) {
    return String(error);
  }
}

describe('the contract of read models', () => {
  it.each(FAULTY_ADAPTERS)('rejects an adapter that $fault', async ({ noticedBy, rules }) => {
    const noticing = readModelsContract.find((contractCase) => contractCase.name === noticedBy);
    expect(noticing).toBeDefined();
    expect(await failureOf(noticing!, rules)).toMatch(/AssertionError|TuttiError/);
    expect(await failureOf(noticing!, SOUND_RULES)).toBeNull();
  });

  it('has no two cases of one name', () => {
    const names = readModelsContract.map((contractCase) => contractCase.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
