import type { Component, Design } from '../model/design.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import type { Facts, Requirement } from '../model/facts.schema.js';
import { VERBS } from '../language/lexicon.js';
import { termKey, titled } from '../language/words.js';
import { distinctEvidence } from '../reading/source-document.js';
import { keyWords, MentionIndex } from './mentions.js';
import { groupByTopic, topicOfOne } from './topics.js';

const MOST_COMPONENTS = 14;
const LEAST_COMPONENTS = 4;

interface Draft {
  name: string;
  basis: Component['basis'];
  evidence: Evidence[];
  requirements: Requirement[];
}

/**
 * The parts of the system, each named by the input: headings of functional areas, parts named as doing something,
 * and nouns that several statements share. Every functional requirement ends in exactly one.
 */
export function buildComponents(facts: Facts): Design['components'] {
  const functional = facts.requirements.filter((requirement) => requirement.kind === 'function');
  const byId = new Map(functional.map((requirement) => [requirement.id, requirement]));
  const drafts = new Map<string, Draft>();
  const taken = new Set<string>();
  const draft = (name: string, basis: Draft['basis'], evidence: readonly Evidence[]): Draft => {
    const key = termKey(name);
    const known = drafts.get(key);
    if (known !== undefined) return known;
    const made: Draft = { name: titled(name), basis, evidence: [...evidence], requirements: [] };
    drafts.set(key, made);
    return made;
  };
  const take = (into: Draft, requirement: Requirement): void => {
    if (taken.has(requirement.id)) return;
    taken.add(requirement.id);
    into.requirements.push(requirement);
  };

  const index = new MentionIndex();
  const areas = facts.areas.filter((area) => area.requirementIds.some((id) => byId.has(id)));
  for (const area of areas) {
    const into = draft(area.name, 'area', area.evidence);
    for (const id of area.requirementIds) {
      const requirement = byId.get(id);
      if (requirement !== undefined) take(into, requirement);
    }
  }
  for (const part of facts.parts) {
    const mine = functional.filter(
      (requirement) => !taken.has(requirement.id) && requirement.subject !== null && termKey(requirement.subject) === termKey(part.name),
    );
    if (mine.length === 0) continue;
    const into = draft(part.name, 'part', part.evidence);
    for (const requirement of mine) take(into, requirement);
  }
  attachByName(
    functional.filter((requirement) => !taken.has(requirement.id)),
    [...drafts.values()],
    index,
    take,
  );
  const grouped = groupByTopic(
    functional.filter((requirement) => !taken.has(requirement.id)),
    facts,
  );
  for (const topic of grouped.topics) {
    if (drafts.size >= MOST_COMPONENTS || (areas.length > LEAST_COMPONENTS && topic.requirements.length < 3)) break;
    const into = draft(topic.name, 'topic', topic.requirements.slice(0, 4).map(evidence));
    for (const requirement of topic.requirements) take(into, requirement);
  }
  splitByVerb(drafts);
  attachByWords(
    functional.filter((requirement) => !taken.has(requirement.id)),
    [...drafts.values()],
    index,
    take,
  );
  for (const requirement of functional.filter((one) => !taken.has(one.id))) {
    const name = topicOfOne(requirement, facts);
    const into =
      name !== null && areas.length < 2 && drafts.size < MOST_COMPONENTS
        ? draft(name, 'topic', [evidence(requirement)])
        : draft(`${facts.title} core`, 'whole', facts.titleEvidence === null ? [evidence(requirement)] : [facts.titleEvidence]);
    take(into, requirement);
  }
  if (drafts.size === 0) draft(facts.title, 'whole', facts.titleEvidence === null ? [] : [facts.titleEvidence]);
  return finish([...drafts.values()], facts, index);
}

/** Few components and one that does several things: then what is done names them ("Export palette", "Share palette"). */
function splitByVerb(drafts: Map<string, Draft>): void {
  for (let rounds = 0; rounds < 4 && drafts.size < LEAST_COMPONENTS; rounds += 1) {
    const largest = [...drafts]
      .filter(([, one]) => one.basis === 'topic' && one.requirements.length >= 3)
      .sort((a, b) => b[1].requirements.length - a[1].requirements.length)[0];
    if (largest === undefined) return;
    const [key, one] = largest;
    const byVerb = Map.groupBy(one.requirements, (requirement) =>
      requirement.verb === null || requirement.object === null || requirement.verb === 'be' ? '' : requirement.verb,
    );
    if (byVerb.size < 2) return;
    drafts.delete(key);
    for (const [verb, requirements] of byVerb) {
      const name =
        verb === ''
          ? one.name
          : /ed$|[^aeiou]t$|wn$/.test(verb) && !VERBS.has(verb)
            ? titled(requirements[0]?.object ?? one.name)
            : titled(`${verb} ${requirements[0]?.object ?? one.name}`);
      drafts.set(termKey(name), { name, basis: 'topic', evidence: requirements.slice(0, 4).map(evidence), requirements });
    }
  }
}

function evidence(requirement: Requirement): Evidence {
  return { text: requirement.text, from: requirement.from, to: requirement.to };
}

function attachByName(
  open: readonly Requirement[],
  drafts: readonly Draft[],
  index: MentionIndex,
  take: (into: Draft, requirement: Requirement) => void,
): void {
  for (const requirement of open) {
    const named = drafts.find((one) => index.mentions(requirement.text, one.name));
    if (named !== undefined) take(named, requirement);
  }
}

/** A lone statement joins the component whose name shares a word with what it is about. */
function attachByWords(
  open: readonly Requirement[],
  drafts: readonly Draft[],
  index: MentionIndex,
  take: (into: Draft, requirement: Requirement) => void,
): void {
  for (const requirement of open) {
    const text = index.of([requirement.object ?? '', ...requirement.nouns].join(' '));
    const scored = drafts.map((one) => ({ one, score: keyWords(one.name).filter((word) => text.includes(` ${word} `)).length }));
    const best = scored.sort((a, b) => b.score - a.score)[0];
    if (best !== undefined && best.score > 0) take(best.one, requirement);
  }
}

function finish(drafts: readonly Draft[], facts: Facts, index: MentionIndex): Component[] {
  const filled = drafts.filter((one) => one.requirements.length > 0 || drafts.length === 1);
  const ids = new Map(filled.map((one, at) => [one, `C${at + 1}`]));
  return filled.map((one) => {
    const texts = one.requirements.map((requirement) => requirement.text);
    const named = (names: readonly { readonly name: string }[]): string[] =>
      names.filter((item) => texts.some((text) => index.mentions(text, item.name))).map((item) => item.name);
    const uses = filled.flatMap((other) => {
      if (other === one || other.basis === 'whole') return [];
      const words = keyWords(other.name);
      const asking = one.requirements.find(
        (requirement) =>
          words.length > 0 &&
          (index.mentions(requirement.text, other.name) || (words.length === 1 && index.of(requirement.text).includes(` ${words[0]} `))),
      );
      return asking === undefined ? [] : [{ componentId: ids.get(other) ?? '', evidence: evidence(asking) }];
    });
    return {
      id: ids.get(one) ?? '',
      name: one.name,
      basis: one.basis,
      evidence: distinctEvidence(one.evidence, 4),
      requirementIds: one.requirements.map((requirement) => requirement.id),
      actors: named(facts.actors),
      externals: named(facts.externals),
      entities: named(facts.entities),
      uses: uses.slice(0, 6),
    };
  });
}
