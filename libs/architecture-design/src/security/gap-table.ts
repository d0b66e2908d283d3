import type { Security } from '../model/aspects.schema.js';

/** What is missing for what is there: `has` is said by the input, and nothing of `needs` is. */
export interface GapRule {
  readonly id: string;
  readonly has: readonly string[];
  readonly needs: readonly string[];
  readonly severity: Security['findings'][number]['severity'];
  readonly text: string;
  readonly servedOnly?: true;
}

export const GAPS: readonly GapRule[] = [
  {
    id: 'login-how',
    has: ['login'],
    needs: ['sso', 'mfa', 'secrets'],
    severity: 'low',
    text: 'The input asks for a log-in but says nothing about how people prove who they are.',
    servedOnly: true,
  },
  {
    id: 'roles-without-login',
    has: ['roles'],
    needs: ['login'],
    severity: 'medium',
    text: 'The input gives rights to roles but says nothing about a log-in that would tell them apart.',
  },
  {
    id: 'personal-encryption',
    has: ['personal-data'],
    needs: ['encryption'],
    severity: 'medium',
    text: 'The input has personal data but says nothing about encryption.',
  },
  {
    id: 'personal-deletion',
    has: ['personal-data'],
    needs: ['deletion'],
    severity: 'medium',
    text: 'The input has personal data but says nothing about its deletion.',
  },
  {
    id: 'personal-login',
    has: ['personal-data'],
    needs: ['login', 'sso', 'no-login'],
    severity: 'medium',
    text: 'The input has personal data but says nothing about who may read it.',
    servedOnly: true,
  },
  {
    id: 'health-audit',
    has: ['health-data'],
    needs: ['audit'],
    severity: 'medium',
    text: 'The input has health data but says nothing about recording who reads it.',
  },
  {
    id: 'payment-audit',
    has: ['payment-data'],
    needs: ['audit'],
    severity: 'low',
    text: 'The input has payments but says nothing about a record of who did what.',
    servedOnly: true,
  },
  {
    id: 'upload-limits',
    has: ['upload'],
    needs: ['untrusted-input'],
    severity: 'low',
    text: 'The input takes files but says nothing about which are refused.',
  },
  {
    id: 'api-limits',
    has: ['http-api'],
    needs: ['rate-limits'],
    severity: 'low',
    text: 'The input has a network interface but says nothing about limits per caller.',
    servedOnly: true,
  },
  {
    id: 'api-login',
    has: ['http-api'],
    needs: ['login', 'secrets', 'public-access'],
    severity: 'medium',
    text: 'The input has a network interface but says nothing about who may call it.',
    servedOnly: true,
  },
  {
    id: 'firmware-signing',
    has: ['embedded'],
    needs: ['update-mechanism'],
    severity: 'medium',
    text: 'The input has device software but says nothing about how it is updated safely.',
  },
  {
    id: 'device-identity',
    has: ['devices', 'stream'],
    needs: ['secrets', 'login', 'encryption', 'segmentation'],
    severity: 'medium',
    text: 'The input has devices that send data but says nothing about how they are told apart from foreign ones.',
    servedOnly: true,
  },
  {
    id: 'children-consent',
    has: ['children'],
    needs: ['consent'],
    severity: 'low',
    text: 'The input speaks of children but says nothing about consent.',
  },
];

/** Statements that make the design unsafe if they are followed. Any of them fails the review. */
export const CONTRADICTIONS: readonly { readonly id: string; readonly words: RegExp; readonly text: string }[] = [
  {
    id: 'plain-passwords',
    words:
      /\b(?:store|stored|keep|kept|save|saved|send|sent|log|logged)\b.{0,60}\b(?:passwords?|credentials|card numbers?|pins?)\b.{0,40}\b(?:plain[- ]?text|clear ?text|unencrypted)\b|\b(?:passwords?|credentials|card numbers?|pins?)\b.{0,60}\b(?:in|as)\b.{0,12}\b(?:plain[- ]?text|clear ?text)\b/i,
    text: 'The input asks for secrets in a form anyone can read.',
  },
  {
    id: 'no-protection',
    words: /\b(?:without|no|disable[sd]?)\b.{0,20}\b(?:encryption|tls|https|certificate (?:checks?|validation)|signature checks?)\b/i,
    text: 'The input gives up protection on the way or at rest.',
  },
];
