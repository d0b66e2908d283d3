import type { Security } from '../model/aspects.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { answersTable } from '../document/answers-table.js';
import { escapeText, quote, quoteAll } from '../document/cite.js';
import { bullets, ENGINE_NOTE, heading, joinLines, nothingAbout, paragraph, table } from '../document/markdown.js';
import { signalsOf } from '../pattern/signal-view.js';

export function securityDocument(facts: Facts, security: Security): DocumentFile {
  const signals = signalsOf(facts);
  const identity = ['sso', 'mfa', 'login'].flatMap((id) => [...signals.positive(id)]);
  const rights = [...signals.positive('roles')];
  const open = signals.positive('no-login');
  const protection = ['encryption', 'deletion', 'consent', 'audit'].flatMap((id) => [...signals.positive(id)]);
  const high = security.findings.filter((finding) => finding.severity === 'high').length;
  return {
    path: '06-security.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Security Architecture'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'Verdict'),
      ...paragraph(
        `Security review: **${security.passed ? 'passed' : 'failed'}**, ${security.findings.length} open finding(s), ${high} of them high. A high finding fails the review; the others stay open until somebody decides them.`,
      ),
      ...heading(2, 'Threats and controls'),
      ...(security.threats.length > 0
        ? table(
            ['ID', 'Kind', 'Threat', 'Control (derived)', 'Where', 'Because the input says'],
            security.threats.map((threat) => [
              threat.id,
              threat.category,
              threat.threat,
              threat.control,
              threat.places.map(escapeText).join(', '),
              quoteAll(threat.evidence, 2),
            ]),
          )
        : nothingAbout('anything worth attacking: no accounts, no sensitive data, no interfaces')),
      ...heading(2, 'Authentication'),
      ...(identity.length > 0
        ? bullets(unique(identity.map(quote)).slice(0, 8))
        : open.length > 0
          ? bullets(open.map(quote))
          : nothingAbout('how people or programs prove who they are')),
      ...heading(2, 'Authorisation'),
      ...(rights.length > 0 ? bullets(unique(rights.map(quote)).slice(0, 8)) : nothingAbout('who may do what')),
      ...heading(2, 'Protection of data'),
      ...(protection.length > 0
        ? bullets(unique(protection.map(quote)).slice(0, 8))
        : nothingAbout('encryption, deletion, consent or audit')),
      ...heading(2, 'Open findings'),
      ...(security.findings.length > 0
        ? table(
            ['ID', 'Severity', 'Finding (derived)', 'Because the input says'],
            security.findings.map((finding) => [finding.id, finding.severity, finding.text, quoteAll(finding.evidence, 2)]),
          )
        : paragraph('None.')),
      ...heading(2, 'Requirements answered here'),
      ...(security.answers.length > 0 ? answersTable(security.answers, facts) : nothingAbout('security demands on the whole system')),
    ]),
  };
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
