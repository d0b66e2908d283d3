import type { Named } from '../model/evidence.schema.js';
import type { Actor, Requirement } from '../model/facts.schema.js';
import { isSpecific } from '../language/noun-phrases.js';
import { lastWord, singular, termKey } from '../language/words.js';
import { Collected } from './collected.js';
import { isPerson } from './people.js';

const MOST = 10;
const PART_HEADS = new Set(
  `module component engine gateway dashboard portal console app client server agent daemon scheduler parser editor viewer controller firmware collector importer exporter adapter worker
  manager handler generator renderer compiler planner optimiser optimizer matcher ledger broker cache proxy bot plugin extension library sdk api cli backend frontend interface website simulator
  player solver service subsystem pipeline monitor hub display terminal kiosk device unit loop driver bootloader recorder analyser analyzer analyzer detector tracker notifier validator`.split(
    /\s+/,
  ),
);
const WHOLE =
  /^(?:the )?(?:system|application|app|software|product|platform|solution|tool|program|service|website|site|library|api|client|server|user interface|interface|ui|backend|frontend|game)$/i;

/** Parts that the input itself names as doing something: "the scheduler shall …", "the mobile app must …". */
export function findParts(requirements: readonly Requirement[], actors: readonly Actor[], systemName: string): readonly Named[] {
  const found = new Collected();
  const people = new Set(actors.map((actor) => termKey(actor.name)));
  const whole = termKey(systemName);
  for (const requirement of requirements) {
    const subject = requirement.subject;
    if (subject === null || requirement.kind === 'excluded' || requirement.kind === 'project' || requirement.kind === 'meta') continue;
    if (
      WHOLE.test(subject) ||
      termKey(subject) === whole ||
      whole.split(' ').includes(termKey(subject)) ||
      people.has(termKey(subject)) ||
      isPerson(subject)
    )
      continue;
    if (!PART_HEADS.has(singular(lastWord(subject))) || (!isSpecific(subject) && !PART_HEADS.has(termKey(subject)))) continue;
    found.add(subject, { text: requirement.text, from: requirement.from, to: requirement.to }, 1);
  }
  return found.list(MOST).map(({ name, evidence }) => ({ name, evidence }));
}
