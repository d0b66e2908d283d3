// Reads samples, `[{ filePath, code }]`, from the standard input and answers, per sample, the rules that the repository's ESLint reports.
// A process of its own, because ESLint and Nx load native code that jest's module system does not.
import { ESLint } from 'eslint';
import { text } from 'node:stream/consumers';

const samples = JSON.parse(await text(process.stdin));
const eslint = new ESLint();
const answers = [];
for (const { filePath, code } of samples) {
  const [result] = await eslint.lintText(code, { filePath });
  answers.push((result?.messages ?? []).map(({ ruleId, message }) => ({ rule: ruleId, message })));
}
process.stdout.write(JSON.stringify(answers));
