import type { Design, PatternScore } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { PATTERNS } from './patterns.js';
import { SCORING_RULES } from './scoring-rules.js';
import { signalsOf } from './signal-view.js';

const MOST_REPEATS = 3;
const OPENING_BONUS = 0.5;

/**
 * Adds up the rules whose signal the input gives. One piece of evidence gives the rule's points, each further one a
 * quarter more (at most three), evidence in the opening lines a half more: what is said first and often weighs most.
 */
export function choosePattern(facts: Facts): Design['pattern'] {
  const signals = signalsOf(facts);
  const opening = new Set(
    [...facts.summary, ...(facts.titleEvidence === null ? [] : [facts.titleEvidence])].map((evidence) => evidence.from),
  );
  const scores: PatternScore[] = PATTERNS.map((pattern) => {
    const rules = SCORING_RULES.flatMap((rule) => {
      const base = rule.points[pattern.id];
      if (base === undefined) return [];
      const evidence = rule.side === 'positive' ? signals.positive(rule.signal) : signals.negative(rule.signal);
      const contrary = rule.side === 'positive' ? signals.negative(rule.signal) : signals.positive(rule.signal);
      if (evidence.length === 0 || (rule.explicit !== true && contrary.length > evidence.length)) return [];
      const repeats = Math.min(evidence.length - 1, MOST_REPEATS) / 4;
      const first = evidence.some((one) => opening.has(one.from)) ? OPENING_BONUS : 0;
      const points = rule.explicit === true ? base : base * (1 + repeats + first);
      return [
        {
          rule: `${rule.signal}${rule.side === 'negative' ? ' (ruled out)' : ''}`,
          points: round(points),
          reason: rule.reason,
          evidence: [...evidence.slice(0, 4)],
        },
      ];
    });
    const shared = sharedBy(facts, pattern.id);
    if (shared !== null) rules.push(shared);
    return { id: pattern.id, name: pattern.name, score: round(rules.reduce((sum, rule) => sum + rule.points, 0)), rules };
  });
  const ranked = [...scores].sort((a, b) => b.score - a.score);
  const best = ranked[0];
  if (best === undefined || best.score <= 0) {
    const fallback = scores.find((score) => score.id === 'modular-monolith') as PatternScore;
    return { id: fallback.id, name: fallback.name, scores: [fallback, ...ranked.filter((score) => score !== fallback)], byDefault: true };
  }
  return { id: best.id, name: best.name, scores: ranked, byDefault: false };
}

/** Several kinds of people who see each other's work need a place they share; a program on one machine is none. */
function sharedBy(facts: Facts, id: string): PatternScore['rules'][number] | null {
  if (facts.actors.length < 2) return null;
  const points = id === 'modular-monolith' ? 4 : id === 'services' || id === 'event-driven' || id === 'serverless' ? 3 : 0;
  if (points === 0) return null;
  return {
    rule: 'several kinds of people',
    points,
    reason: `${facts.actors.length} kinds of people work with the same data`,
    evidence: facts.actors.flatMap((actor) => actor.evidence.slice(0, 1)).slice(0, 3),
  };
}

function round(points: number): number {
  return Math.round(points * 10) / 10;
}
