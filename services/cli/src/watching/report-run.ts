import { relative, resolve } from 'node:path';
import type { RunView } from '@tutti/rest-contract';
import type { Answer } from '../api/api.js';
import type { Cli, Connected } from '../cli.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { readableText } from '../output/output-format.js';
import { documentsOf, type RunDocuments } from '../output/run-documents.js';
import { writeDocuments } from '../output/write-documents.js';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';
import { durationText } from '../terminal/time-text.js';

const OUTPUT_LINES = 40;

interface ReportOptions {
  /** Folder for the run's documents. */
  readonly out: string | undefined;
  /** Position that the answer must hold. */
  readonly position?: number;
}

interface Report {
  readonly answer: Answer<{ readonly run: RunView }>;
  readonly exitCode: ExitCode;
  /** Files written, absolute; empty without `out`. */
  readonly written: readonly string[];
  readonly documents: RunDocuments;
}

/** Reads an ended run whole and writes its documents. @throws Failure OUTPUT_REFUSED or FILE_UNWRITABLE, and what the API throws */
export async function collectRun(cli: Cli, { api }: Connected, runId: string, options: ReportOptions): Promise<Report> {
  const answer = await api.getRun(runId, options.position);
  const { run } = answer.value;
  const documents = documentsOf(run.outputs);
  const written =
    options.out === undefined
      ? []
      : await writeDocuments(resolve(cli.environment.cwd, options.out), documents.all, cli.environment.runtime.ids);
  const isWell = run.status === 'succeeded' || run.status === 'running' || run.status === 'paused';
  return { answer, documents, written, exitCode: isWell ? EXIT.ok : EXIT.failed };
}

/** Outcome, outputs and documents for a person. */
export function printReport(cli: Cli, report: Report): void {
  const { run } = report.answer.value;
  printOutcome(cli, run);
  if (report.written.length > 0) return printWritten(cli, report);
  if (report.documents.all.length > 0) {
    const count = report.documents.all.length;
    cli.say(
      `${count} ${count === 1 ? 'document' : 'documents'} among the outputs; write ${count === 1 ? 'it' : 'them'} with: tutti show ${run.id} --out DIR`,
    );
    return;
  }
  if (run.outputs === undefined || run.outputs === null) return;
  const lines = sanitizeLines(readableText(run.outputs));
  cli.line(cli.style.dim('outputs'));
  for (const line of lines.slice(0, OUTPUT_LINES)) cli.line(`  ${line}`);
  if (lines.length > OUTPUT_LINES) cli.say(`… ${lines.length - OUTPUT_LINES} more lines: tutti show ${run.id} -o yaml`);
}

/** The report for a program: the answer as it came, and what was written. */
export function reportJson(report: Report): object {
  return { ...(report.answer.raw as object), ...(report.written.length === 0 ? {} : { written: report.written }) };
}

function printOutcome(cli: Cli, run: RunView): void {
  const span = Date.parse(run.endedAt ?? '') - Date.parse(run.startedAt ?? '');
  const took = Number.isNaN(span) ? '' : ` ${cli.style.dim(`in ${durationText(span)}`)}`;
  if (run.status === 'succeeded') return cli.line(`${cli.style.green('succeeded')}${took}`);
  const paint = run.status === 'failed' ? cli.style.red : cli.style.yellow;
  const step = run.error?.step ? ` in step ${run.error.step}` : '';
  const reason =
    run.error === undefined ? '' : `: ${sanitizeText(run.error.message)}${run.error.code === '' ? '' : ` (${run.error.code})`}`;
  cli.line(`${paint(run.status)}${took}${step}${reason}`);
  for (const failed of run.steps) {
    for (const gate of failed.gates)
      if (!gate.passed && gate.message !== '') cli.line(`  ${cli.style.red('✗')} ${failed.id}/${gate.gate}: ${sanitizeText(gate.message)}`);
  }
}

function printWritten(cli: Cli, { documents, written }: Report): void {
  const { main, all } = documents;
  if (main === null) return;
  const path = written[all.indexOf(main)] ?? '';
  const short = relative(cli.environment.cwd, path);
  cli.line(`document ${short.startsWith('..') ? path : short}`);
  if (written.length > 1) cli.say(`and ${written.length - 1} more beside it`);
}
