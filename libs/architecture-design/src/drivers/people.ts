import { lastWord, singular } from '../language/words.js';

const ROLE_WORDS = new Set(
  `user customer client admin administrator operator owner manager member guest visitor patient nurse doctor physician clinician clerk staff student pupil teacher parent guardian citizen
  player gamer reviewer auditor accountant analyst engineer developer technician driver courier rider merchant seller buyer shopper subscriber employee worker agent supervisor moderator editor
  author reader librarian pharmacist receptionist planner dispatcher inspector officer director consultant approver tenant landlord applicant candidate recruiter volunteer donor host person
  maintainer contributor scientist researcher farmer chef cook waiter cashier resident surgeon therapist coach trainer trader investor lender borrower cardholder beneficiary payer payee
  instructor learner attendee speaker organiser organizer sponsor mechanic electrician installer pilot crew passenger traveller traveler public team child adult people personnel
  practitioner specialist coordinator representative assistant secretary stakeholder partner supplier vendor prescriber carer caregiver viewer listener writer artist designer architect
  administrator's superuser sysadmin helpdesk support`.split(/\s+/),
);

const NOT_PEOPLE = new Set(
  `server browser computer container scheduler parser compiler buffer header footer filter folder layer number order router printer scanner controller sensor actuator motor processor monitor error
  indicator vector factor color colour cursor calendar paper water power tower register computer counter timer meter letter character parameter chapter cluster master adapter broker loader
  renderer exporter importer logger tracker identifier pointer tokenizer linter formatter formater converter generator calculator simulator emulator validator aggregator connector
  iterator operator-key bundler installer-file launcher player-id newsletter semester quarter layer transfer offer matter corner border slider spinner banner placeholder helper wrapper handler
  listener-port dispatcher-queue detector reactor tractor elevator generator mirror door floor interior exterior behavior behaviour minor major monitor editor-window trigger ledger
  voucher printer charger inverter heater boiler chiller freezer cooler thermometer transmitter receiver transceiver repeater amplifier speaker-port weather fiber fibre cover never ever over under
  grant plant variant constant instant tenant-id document list persist artist-id checklist waitlist playlist allowlist denylist whitelist blacklist median guardian-lock
  committee fee tree degree coffee employee-id instance interest request test guest-network host-name crossover rollover turnover wrapper screenreader screen-reader reader-app`.split(
    /\s+/,
  ),
);

/** Whether the head of a phrase names a person by its role ("night-shift nurse"), judged by the word and its ending. */
export function isPerson(phrase: string): boolean {
  const head = singular(lastWord(phrase).split('-').at(-1) ?? '');
  if (ROLE_WORDS.has(head)) return true;
  if (NOT_PEOPLE.has(head)) return false;
  return false;
}

/** Weaker: the ending alone suggests a person. Use only where the sentence gives a reason too ("<phrase> can …"). */
export function mayBePerson(phrase: string): boolean {
  const head = singular(lastWord(phrase).split('-').at(-1) ?? '');
  return isPerson(phrase) || (!NOT_PEOPLE.has(head) && head.length > 4 && /(?:ist|ian|ee|smith|man|woman|person)$/.test(head));
}

/** Weakest: "the treasurer wants to". Only where the sentence says that somebody wants or has to. */
export function soundsLikePerson(phrase: string): boolean {
  const head = singular(lastWord(phrase).split('-').at(-1) ?? '');
  return mayBePerson(phrase) || (!NOT_PEOPLE.has(head) && head.length > 5 && /(?:er|or|ant)$/.test(head));
}
