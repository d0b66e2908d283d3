import type { SignalRule } from './signal-table.js';

/** What the text says about protection, operation and data that is kept. */
export const PROTECTION_SIGNALS: readonly SignalRule[] = [
  // Protection
  {
    id: 'login',
    words:
      /\b(?:log ?in|log(?:s|ged)? in|sign ?in|signs? in|authenticat\w+|passwords?|credentials|user accounts?|sso|single sign-on|oauth\w*|openid|saml|ldap|active directory|keycloak|api keys?|passkeys?|pin code)\b/i,
  },
  {
    id: 'sso',
    words:
      /\b(?:sso|single sign-on|oauth ?\d?|openid(?: connect)?|oidc|saml|ldap|active directory|entra|keycloak|okta|auth0|identity provider)\b/i,
  },
  {
    id: 'mfa',
    words:
      /\b(?:mfa|2fa|two-factor|multi-factor|second factor|strong customer authentication|one-time (?:code|password)s?|otp|totp|smart ?cards?)\b/i,
  },
  {
    id: 'roles',
    words:
      /\b(?:role[- ]based|rbac|roles? (?:and|or) permissions?|permissions?|access rights|authori[sz](?:ed|ation)|only (?:an? |the )?(?:admin\w*|managers?|owners?|supervisors?|authori[sz]ed|doctors?|nurses?|operators?)|privileges?|access control)\b/i,
  },
  {
    id: 'personal-data',
    words:
      /\b(?:personal(?:ly)? (?:data|information|identif\w+|details)|pii|gdpr|ccpa|names? and (?:address|e-?mail)\w*|e-?mail address(?:es)?|date of birth|birth ?dates?|phone numbers?|home address\w*|customer data|patient(?:s|'s)?(?: (?:data|records?|names?))?|profiles?|identity documents?|passport|social security|employee (?:data|records?)|student (?:data|records?)|contact details)\b/i,
  },
  {
    id: 'health-data',
    words:
      /\b(?:patients?|medical|clinical|health (?:data|records?)|hipaa|diagnos\w+|prescriptions?|medications?|hl7|fhir|dicom|lab results?|vital signs)\b/i,
  },
  {
    id: 'payment-data',
    words:
      /\b(?:payments?|credit cards?|debit cards?|card (?:numbers?|data|holders?)|cardholders?|pci(?:[- ]dss)?|iban|bank accounts?|psd2|checkout|refunds?|direct debits?)\b/i,
  },
  { id: 'financial-data', words: /\b(?:ledger|balances?|money|funds|transfers?|account holders?|kyc|aml|fraud|invoices?|payroll)\b/i },
  { id: 'location-data', words: /\b(?:gps|geo-?location|location (?:data|history|tracking)|position updates|whereabouts)\b/i },
  { id: 'children', words: /\b(?:children|minors|under (?:13|16)|pupils|coppa|kids)\b/i },
  { id: 'encryption', words: /\b(?:encrypt\w*|tls|https|at rest|in transit|hsm|key management|kms|aes)\b/i },
  { id: 'plaintext', words: /\b(?:plain[- ]?text|unencrypted|clear ?text)\b/i },
  {
    id: 'audit',
    words:
      /\b(?:audit(?:ed|s)?(?: (?:logs?|trails?))?|tamper[- ]evident|who (?:did|changed|accessed)|traceab(?:le|ility) of|record(?:s|ed)? who|immutable log|append-only log)\b/i,
  },
  {
    id: 'deletion',
    words:
      /\b(?:right to (?:be forgotten|erasure)|erasure|delet(?:e|ed|ion) (?:of )?(?:their |my |his |her |all |the )?(?:personal )?(?:account|data|profile)|anonymi[sz]\w+|pseudonymi[sz]\w+|data subject|purge[ds]?)\b/i,
  },
  { id: 'consent', words: /\b(?:consents?|opt[- ]in|opt[- ]out|agree(?:s|d)? to (?:the )?(?:terms|processing))\b/i },
  {
    id: 'public-access',
    words:
      /\b(?:public(?:ly)? (?:internet|facing|available|accessible|api|website|page|link|url)s?|anonymous(?:ly)?|internet[- ]facing|anyone (?:can|may)|without (?:a |any )?(?:log ?in|signing in|sign-in|account|registration|authentication)|no (?:login|account|registration|sign-?up)|guests?)\b/i,
  },
  {
    id: 'no-login',
    literal: true,
    words:
      /\b(?:without (?:a |any )?(?:log ?in|logging in|signing in|sign-in|(?:user )?account|registration|authentication|signing up)|no (?:login|log-in|(?:user )?accounts?|registration|sign-?up|authentication)|anonymous(?:ly)?|(?:login|account|registration|authentication) (?:is|are) not (?:needed|required))\b/i,
  },
  { id: 'secrets', words: /\b(?:api keys?|secrets?|tokens?|certificates?|private keys?|credentials)\b/i },
  {
    id: 'untrusted-input',
    words:
      /\b(?:user[- ](?:supplied|provided|generated)|untrusted|malformed|invalid (?:input|files?|data)|upload(?:s|ed)?|paste[ds]?|parse[ds]?|imports?|free[- ]text|comments?|markdown|html|csv files?)\b/i,
  },
  {
    id: 'update-mechanism',
    words:
      /\b(?:firmware (?:updates?|is|releases?|versions?|by radio)|rolled out in|over[- ]the[- ]air|ota|auto-?updates?|software updates?|signed (?:updates?|images?|firmware|binaries|releases?))\b/i,
  },
  {
    id: 'physical-effect',
    words:
      /\b(?:actuators?|valves?|pumps?|motors?|relays?|doors?|locks?|brakes?|heaters?|switch(?:es)? (?:on|off)|dose[sd]?|infusion|irrigation|shut ?off)\b/i,
  },
  { id: 'fair-play', words: /\b(?:cheat\w*|fair play|leaderboards?|high scores?|anti-cheat|exploit\w*)\b/i },
  { id: 'rate-limits', words: /\b(?:rate[- ]limit\w*|throttl\w+|brute[- ]force|denial of service|ddos|abuse|bots?|captcha)\b/i },
  { id: 'segmentation', words: /\b(?:firewalls?|vlans?|dmz|network segment\w*|vpn|separate networks?|ot network|demilitari[sz]ed)\b/i },
  {
    id: 'no-tracking',
    literal: true,
    words:
      /\b(?:no (?:\w+ ){0,2}(?:tracking|telemetry|analytics|cookies|usage data|phone[- ]home)|without (?:\w+ ){0,2}(?:tracking|telemetry|analytics)|(?:must|shall|should|does|do|will) not (?:\w+ ){0,2}(?:track|collect (?:any )?(?:usage|telemetry|analytics|personal)|phone home|send (?:any )?(?:usage|telemetry|analytics))\w*|never (?:track|collect|phone)\w*)\b/i,
  },
  // Operation
  {
    id: 'logging',
    words:
      /\b(?:logs|log (?:files?|entr\w+|messages?|records?|output|every|each|all|the)|logged(?! in)|logging(?! in)|syslog|verbose|debug output)\b/i,
  },
  { id: 'monitoring', words: /\b(?:monitor(?:ed|ing)|metrics|observab\w+|prometheus|grafana|health (?:checks?|endpoints?)|uptime)\b/i },
  { id: 'tracing', words: /\b(?:trac(?:es|ing)|distributed trac\w+|correlation ids?|opentelemetry|request ids?)\b/i },
  { id: 'alerting', words: /\b(?:alert(?:s|ed|ing)?|pag(?:er|ing)|on[- ]call|notify (?:the )?(?:operators?|admin\w*|support))\b/i },
  { id: 'backup', words: /\b(?:back(?:ed)?[- ]?ups?|restor(?:e|es|ed|ing)|disaster recovery|rpo|rto|point-in-time|replica(?:s|tion)?)\b/i },
  {
    id: 'environments',
    words:
      /\b(?:staging|test environment|production environment|development environment|sandbox|ci\/cd|continuous (?:integration|delivery|deployment)|blue[-/ ]green|canary|rolling (?:update|deployment)s?|roll ?back|zero[- ]downtime|maintenance windows?)\b/i,
  },
  {
    id: 'migration',
    words:
      /\b(?:migrat(?:e|ed|es|ing|ion)|legacy|existing (?:data|database|records|spreadsheets?|customers?|accounts|archive|system|excel|documents|files|patient records?)|current(?:ly)? (?:kept|held|stored|recorded|in use|uses?|system|spreadsheets?)|replac(?:e|es|ing) (?:the |our |an? )?(?:\w+ ){0,3}(?:system|spreadsheets?|application|database|software|tool|process)|historical (?:data|records)|old (?:system|database|application)|cut-?over|import(?:ed)? (?:of )?(?:the )?(?:existing|old|legacy|historical))\b/i,
  },
  {
    id: 'sync',
    words:
      /\b(?:sync(?:s|ed|ing|hroni[sz]\w*)?|conflict resolution|merge conflicts?|when (?:the )?(?:connection|network|connectivity) (?:returns|is restored|comes back)|store[- ]and[- ]forward|buffer(?:s|ed|ing)?|back online)\b/i,
  },
  {
    id: 'persistence',
    words:
      /\b(?:sav(?:e|es|ed|ing)|stor(?:e|es|ed|ing|age)|persist\w*|remember\w*|record(?:s|ed|ing)?|database|keep(?:s)?|retain\w*|history|reload)\b/i,
  },
  {
    id: 'no-persistence',
    literal: true,
    words:
      /\b(?:(?:must|shall|should|does|do|will) not (?:store|save|persist|keep|write|retain) (?:any )?(?:data|anything|files?|content|state|user)|stateless|no (?:data )?(?:storage|persistence|database)|nothing is (?:stored|saved|kept)|without (?:a |any )?(?:database|storage)|in[- ]memory only)\b/i,
  },
  {
    id: 'http-api',
    words:
      /\b(?:rest(?:ful)? api|json api|http api|public api|graphql|grpc|web ?api|api (?:endpoints?|clients?|consumers?|versions?)|open ?api|webhooks?|apis?)\b/i,
  },
  {
    id: 'web-ui',
    words:
      /\b(?:web (?:ui|interface|portal|front-?end|app(?:lication)?|client|dashboard|console)|dashboards?|portal|website|browser|admin (?:ui|panel|console|interface)|user interface)\b/i,
  },
];
