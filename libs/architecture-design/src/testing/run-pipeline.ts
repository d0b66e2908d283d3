import { analyseContext } from '../steps/analyse-context.js';
import { designHighLevel } from '../steps/design-high-level.js';
import {
  designDataStep,
  designInfrastructureStep,
  designObservabilityStep,
  designServiceStep,
  reviewSecurityStep,
} from '../steps/design-parts.js';
import { recordDecisions } from '../steps/record-decisions.js';

/** All eight steps one after the other, as pure functions, for tests that look at the models. */
export function runPipeline(prd: string, title?: string) {
  const context = analyseContext({ prd, title: title ?? null });
  const { facts, drivers } = context;
  const high = designHighLevel({ facts, drivers: [...drivers] });
  const { design } = high;
  const services = designServiceStep({ facts, design });
  const base = { facts, design, services: services.services };
  const data = designDataStep(base);
  const infrastructure = designInfrastructureStep(base);
  const security = reviewSecurityStep({ ...base, data: data.data, infrastructure: infrastructure.infrastructure });
  const observability = designObservabilityStep({ ...base, infrastructure: infrastructure.infrastructure });
  const decisions = recordDecisions({
    ...base,
    prd,
    data: data.data,
    infrastructure: infrastructure.infrastructure,
    security: security.security,
    observability: observability.observability,
    usability: [...services.usability],
    diagrams: { context: high.diagram, container: services.diagrams.container, component: [...services.diagrams.component] },
    documents: [
      context.document,
      high.document,
      services.document,
      data.document,
      infrastructure.document,
      security.document,
      observability.document,
    ],
  });
  return {
    context,
    facts,
    drivers,
    high,
    design,
    services,
    data,
    infrastructure,
    security,
    observability,
    decisions,
    document: decisions.document.content,
  };
}
