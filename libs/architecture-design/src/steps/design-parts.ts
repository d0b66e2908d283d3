import type { Answer, DataDesign, Infrastructure, Observability, Security } from '../model/aspects.schema.js';
import type { ServiceDesign } from '../model/design.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import { designServices } from '../components/design-services.js';
import { serviceDocument } from '../components/service-document.js';
import { usabilityAnswers } from '../components/usability-answers.js';
import { dataDocument } from '../data/data-document.js';
import { designData } from '../data/design-data.js';
import { designInfrastructure } from '../infrastructure/design-infrastructure.js';
import { infrastructureDocument } from '../infrastructure/infrastructure-document.js';
import { componentDiagrams, containerDiagram } from '../mermaid/c4.js';
import { designObservability } from '../observability/design-observability.js';
import { observabilityDocument } from '../observability/observability-document.js';
import { reviewSecurity } from '../security/review-security.js';
import { securityDocument } from '../security/security-document.js';
import type { DataInput, ObservabilityInput, SecurityInput, ServiceDesignInput } from './step-schemas.js';

export interface ServiceDesignResult {
  readonly services: ServiceDesign;
  readonly usability: readonly Answer[];
  readonly diagrams: { readonly container: string; readonly component: readonly string[] };
  readonly document: DocumentFile;
}

export function designServiceStep({ facts, design }: ServiceDesignInput): ServiceDesignResult {
  const services = designServices(facts, design);
  const container = containerDiagram(facts, design, services);
  const components = componentDiagrams(facts, design, services);
  const usability = usabilityAnswers(facts, services);
  return {
    services,
    usability,
    diagrams: { container, component: components.map((diagram) => diagram.code) },
    document: serviceDocument(facts, design, services, { container, components }, usability),
  };
}

export function designDataStep({ facts, design, services }: DataInput): { readonly data: DataDesign; readonly document: DocumentFile } {
  const data = designData(facts, design, services);
  return { data, document: dataDocument(facts, design, data) };
}

export function designInfrastructureStep({ facts, design, services }: DataInput): {
  readonly infrastructure: Infrastructure;
  readonly document: DocumentFile;
} {
  const infrastructure = designInfrastructure(facts, design, services);
  return { infrastructure, document: infrastructureDocument(facts, design, services, infrastructure) };
}

export function reviewSecurityStep({ facts, design, services }: SecurityInput): {
  readonly security: Security;
  readonly document: DocumentFile;
} {
  const security = reviewSecurity(facts, design, services);
  return { security, document: securityDocument(facts, security) };
}

export function designObservabilityStep({ facts, design, services }: ObservabilityInput): {
  readonly observability: Observability;
  readonly document: DocumentFile;
} {
  const observability = designObservability(facts, design, services);
  return { observability, document: observabilityDocument(facts, services, observability) };
}
