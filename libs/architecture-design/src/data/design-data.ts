import type { DataDesign } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { signalsOf } from '../pattern/signal-view.js';
import { chooseStores } from './choose-stores.js';
import { classesOf, relationsOf } from './classify-data.js';
import { planMigration } from './plan-migration.js';

export function designData(facts: Facts, design: Design, services: ServiceDesign): DataDesign {
  const signals = signalsOf(facts);
  const stores = chooseStores(facts, design, services, signals);
  const target = stores[0]?.name ?? null;
  return {
    stores,
    entities: facts.entities.map((entity) => ({
      name: entity.name,
      attributes: entity.attributes,
      classes: classesOf(entity, signals),
      componentIds: design.components.filter((component) => component.entities.includes(entity.name)).map((component) => component.id),
      evidence: entity.evidence.slice(0, 3),
    })),
    relations: relationsOf(facts),
    flows: flowsOf(facts, design, stores),
    migration: planMigration(facts, signals, target),
    answers: [
      ...migrationAnswers(facts),
      ...facts.measures.flatMap((measure) => {
        const answer = answerFor(measure.kind, target);
        return answer === null
          ? []
          : [{ id: measure.id, answer, derivedFrom: [{ text: measure.text, from: measure.from, to: measure.to }] }];
      }),
    ],
  };
}

/** Demands on taking existing data over are answered by the migration plan, not by a component. */
function migrationAnswers(facts: Facts): DataDesign['answers'] {
  return facts.requirements
    .filter(
      (requirement) =>
        requirement.kind === 'constraint' &&
        (requirement.section.some((title) => /\bmigrat|\blegacy|\bcut-?over/i.test(title)) ||
          /\bmigrat\w+|\b(?:existing|legacy|old|historical)\b|\bimported\b.{0,40}\bbefore\b/i.test(requirement.text)),
    )
    .map((requirement) => ({
      id: requirement.id,
      answer: 'by the migration plan of this section',
      derivedFrom: [{ text: requirement.text, from: requirement.from, to: requirement.to }],
    }));
}

function answerFor(kind: Facts['measures'][number]['kind'], store: string | null): string | null {
  if (kind === 'retention')
    return store === null
      ? 'nothing is stored, so nothing has to be kept or deleted'
      : `a scheduled job deletes or archives what is older; the rule is kept beside the data in ${store}`;
  if (kind === 'volume')
    return store === null
      ? 'held in memory; the number is a test case for the largest input'
      : `indexes and a load test of ${store} are sized for this number`;
  if (kind === 'size') return 'a limit checked before the data is taken in, and a test case at the limit';
  return null;
}

/** From where data comes, through which component, to which store: one row per requirement that moves data. */
function flowsOf(facts: Facts, design: Design, stores: DataDesign['stores']): DataDesign['flows'] {
  const byId = new Map(facts.requirements.map((requirement) => [requirement.id, requirement]));
  const flows: DataDesign['flows'] = [];
  for (const component of design.components) {
    for (const external of facts.externals.filter((one) => component.externals.includes(one.name))) {
      const requirement = component.requirementIds
        .map((id) => byId.get(id))
        .find((one) => one !== undefined && one.text.toLowerCase().includes(external.name.toLowerCase()));
      if (requirement === undefined) continue;
      const what = requirement.object ?? 'data';
      const evidence = { text: requirement.text, from: requirement.from, to: requirement.to };
      flows.push(
        external.direction === 'in'
          ? { from: external.name, to: component.name, what, evidence }
          : { from: component.name, to: external.name, what, evidence },
      );
    }
    for (const entity of component.entities) {
      const store = stores.find((one) => one.entities.includes(entity));
      const requirement = component.requirementIds
        .map((id) => byId.get(id))
        .find((one) => one?.object === entity || one?.nouns.some((noun) => noun.toLowerCase() === entity.toLowerCase()));
      if (
        store === undefined ||
        requirement === undefined ||
        flows.some((flow) => flow.from === component.name && flow.to === store.name && flow.what === entity)
      )
        continue;
      flows.push({
        from: component.name,
        to: store.name,
        what: entity,
        evidence: { text: requirement.text, from: requirement.from, to: requirement.to },
      });
    }
  }
  return flows.slice(0, 40);
}
