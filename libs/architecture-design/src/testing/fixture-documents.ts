/** Requirement documents of different kinds and styles, for tests. None of the rules was written for one of them alone. */
export const FIXTURES: Readonly<Record<string, string>> = {
  iot: `# Cold Chain Monitor — Requirements

## 1. Overview
Cold Chain Monitor watches the refrigerators of a vaccine factory. About 1,200 temperature sensors in the plant report to a local system that raises alarms before a batch is spoiled.

## 2. Users
- **Shift operator**: watches the live view and acknowledges alarms.
- **Quality manager**: reviews deviations and signs batch reports.
- **Maintenance technician**: replaces sensors and calibrates them.

## 3. Functional requirements
### 3.1 Sensor ingestion
- R1: The system MUST receive temperature readings from every sensor over MQTT every 10 seconds.
- R2: The gateway MUST buffer readings for at least 24 hours when the plant network is down and forward them in order afterwards.
- R3: The system MUST reject readings from sensors that are not registered.
### 3.2 Alarms
- R4: The system MUST raise an alarm within 5 seconds when a reading leaves the allowed range of its refrigerator.
- R5: A shift operator MUST acknowledge an alarm with a comment.
- R6: If an alarm is not acknowledged within 10 minutes, the system SHALL notify the quality manager by SMS.
### 3.3 Batch reports
- R7: The quality manager SHOULD export a batch report as PDF with all readings of the batch.
- R8: The system MUST pass signed batch reports to the existing SAP ERP.
### 3.4 Calibration
- R9: A maintenance technician MUST record the calibration of a sensor with date, reference value and deviation.

## 4. Non-functional requirements
| ID | Requirement |
|----|-------------|
| N1 | The live view must update within 2 seconds of a reading. |
| N2 | The system must be available 99.9 % of the time. |
| N3 | Readings must be retained for 10 years. |
| N4 | All changes must be written to an audit trail. |

## 5. Constraints
- No cloud: all components run on-premises in the plant network.
- The IT team of two people operates the system.
- Users log in with the plant's Active Directory.

## 6. Out of scope
- Control of the refrigerators must not be part of this release.

## Glossary
- Batch: a production lot of vaccine.
`,
  browser: `Product Requirements: Palette Pal
=================================

Palette Pal is a small web tool that helps designers pick accessible colour palettes.
It runs entirely in the browser; there is no backend and nothing is uploaded.

User stories
------------
1. As a designer, I want to pick a base colour so that I can build a palette around it.
2. As a designer, I want to generate complementary and triadic palettes.
3. As a designer, I want to check the contrast ratio of two colours against WCAG 2.2 AA.
4. As a designer, I want to export the palette as CSS variables, JSON or SVG.
5. As a design lead, I want to share a palette by a link that contains all its colours.

Non-functional requirements
---------------------------
* The page must load in under 1 second on a 3G connection.
* The tool must work offline after the first visit.
* Palettes should be saved in localStorage and survive a reload.
* No tracking and no cookies.
* All functions must be usable with a keyboard only.
* The tool must be built by a single developer in TypeScript without a framework.
`,
  fintech: `# PayBridge API — Product Requirements Document

## Introduction
PayBridge lets online merchants accept instant bank payments through one REST API. Five product teams will build it, one per domain, and each domain must be deployable independently.

## Goals
- 3,000 payments per second at peak
- p95 latency below 150 ms for payment initiation

## Functional Requirements

### Merchant onboarding
**FR-1** The platform shall let a merchant register with company name, IBAN and contact e-mail.
**FR-2** A compliance officer shall approve or reject a merchant after a KYC check with Onfido.

### Payment initiation
**FR-3** The platform shall create a payment for an amount, a currency and a merchant reference.
**FR-4** The platform shall redirect the payer to the payer's bank for strong customer authentication under PSD2.
**FR-5** Repeated requests with the same idempotency key shall not create a second payment.

### Refunds
**FR-6** A merchant shall be able to refund a payment fully or partly.
**FR-7** Refunds above 1,000 EUR shall require approval by a second person.

### Settlement
**FR-8** The platform shall settle payments to merchants daily by SEPA Instant.
**FR-9** The platform shall reconcile settlements with bank statements imported from Raiffeisen Bank.

### Webhooks
**FR-10** The platform shall notify merchants of payment status changes by signed webhooks and retry for up to 24 hours.

### Ledger
**FR-11** Every movement of money shall be recorded in a double-entry ledger that is append-only.

## Non-Functional Requirements
**NFR-1** The platform shall be available 99.99 % measured monthly.
**NFR-2** Payment and ledger services shall scale independently.
**NFR-3** All data shall be encrypted at rest and in transit with TLS 1.3.
**NFR-4** The recovery point objective is 0 seconds and the recovery time objective is 15 minutes.
**NFR-5** Ledger entries shall be retained for 10 years.
**NFR-6** API clients shall authenticate with OAuth 2.0 client credentials; each client is limited to 100 requests per second.
**NFR-7** Distributed tracing with OpenTelemetry shall cover every service.

## Constraints
- Hosted on AWS in eu-central-1.
- Services are written in Kotlin and use PostgreSQL and Kafka.

## Migration
The 40,000 merchants of the legacy PayDirect system must be migrated with their payment history before PayDirect is switched off.

## Open questions
- Should we support crypto payments?
`,
  cli: `LOGSIFT - SOFTWARE REQUIREMENTS

1. Introduction

   logsift is a command-line tool that finds secrets in log files before
   they are shared.  The key words "MUST", "SHOULD" and "MAY" are to be
   interpreted as described in RFC 2119.

2. Terminology

   Finding: a place in a file that looks like a secret.

3. Requirements

3.1 Scanning

   The tool MUST read files, directories and standard input.
   The tool MUST detect API keys, passwords and private keys by rules.
   The tool MUST scan 1 GB of logs in under 60 seconds on a laptop with
   4 cores.
   Binary files SHOULD be skipped.

3.2 Rules

   Rules MUST be loaded from a YAML file.
   A rule MAY define a minimum entropy.

3.3 Reporting

   The tool MUST print findings as text, JSON or SARIF.
   The exit code MUST be 0 without findings, 1 with findings and 2 on
   errors.
   The tool MUST NOT print the secret itself.

3.4 Distribution

   The tool MUST be a single static binary for Linux, macOS and Windows
   written in Rust.
   It MUST NOT open network connections.
`,
  hospital: `# Ward Round

Version 0.3, draft

**Purpose.** Ward Round replaces the paper charts and the Access database used on the wards of St. Anna Hospital today. It is used by one hospital only and maintained by a team of three.

# Requirements

### Requirement 1: Patient list

**User Story:** As a ward nurse, I want to see all patients of my ward, so that I know who needs care.

#### Acceptance Criteria
1. WHEN a nurse opens the ward view THE SYSTEM SHALL show name, bed and diagnosis of every patient on the ward.
2. WHEN a patient is transferred in the hospital information system THE SYSTEM SHALL update the ward view within 30 seconds.

### Requirement 2: Medication

**User Story:** As a physician, I want to prescribe a medication, so that the nurse can give it.

#### Acceptance Criteria
1. WHEN a physician prescribes a medication THE SYSTEM SHALL check it against the patient's allergies.
2. IF an interaction is found THEN THE SYSTEM SHALL show a warning and require a reason.
3. WHEN a nurse administers a dose THE SYSTEM SHALL record medication, dose, time and nurse.
4. The pharmacist SHALL see all open prescriptions.

### Requirement 3: Vital signs

**User Story:** As a ward nurse, I want to record vital signs at the bed on a tablet, so that they are not copied twice.

#### Acceptance Criteria
1. THE SYSTEM SHALL store blood pressure, pulse and temperature with time and nurse.
2. WHILE the Wi-Fi is down THE SYSTEM SHALL keep entries on the tablet and synchronise them when the connection returns.

### Requirement 4: Access

#### Acceptance Criteria
1. THE SYSTEM SHALL authenticate staff with smart cards against the hospital's LDAP directory.
2. THE SYSTEM SHALL record every access to a patient record in an audit log.
3. Only physicians SHALL see psychiatric notes.

## Interfaces
| System | Direction | Protocol |
|---|---|---|
| ORBIS HIS | import of admissions and transfers | HL7 v2 |
| Labor Nord | import of lab results | HL7 FHIR |
| Hospital pharmacy stock | export of consumption | CSV, nightly |

## Quality
- 300 concurrent users, response time below 1 second.
- Data stays on servers in the hospital's own data centre.
- Backups every night; restore within 4 hours.
- Medication data is kept for 30 years.

## Data migration
The patients and open prescriptions of the Access database must be imported before go-live.
`,
  game: `# Starling Rush: game design requirements

A fast arena game for up to 8 players per match in which flocks of starlings compete for food.

## Gameplay
- Players must steer a flock with a mouse or a gamepad.
- The game must show food and obstacles on a procedurally generated map.
- A flock that collides with an obstacle must lose half of its birds.
- The match must end after 3 minutes and show a ranking.

## Multiplayer
- Matchmaking must find opponents of similar rating within 20 seconds.
- The game server must be authoritative and simulate the match at 30 Hz.
- A player who loses the connection must be able to rejoin within 30 seconds.
- The server must reject impossible moves to prevent cheating.

## Accounts and progression
- Players can play as guests or sign in with Steam.
- Players earn feathers and unlock skins in the shop.
- Purchases must be paid through Steam.

## Leaderboards
- The game must show a weekly leaderboard per region.

## Technical
- Client in Unity for Windows and macOS, 60 fps on integrated graphics.
- Input-to-screen latency must stay below 100 ms with a ping of 60 ms.
- 20,000 concurrent players at launch.
`,
};
