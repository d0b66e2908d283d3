/** Closed word classes of English. Open classes (what a system is about) are never listed; they come from the input. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const MODALS = words('must shall should will may can could would might cannot');

export const AUXILIARIES = words('is are was were be been being has have had do does did able');

/** Words that end a noun phrase and never belong to one. */
export const STOP_WORDS = words(`
  a an the this that these those each every any all some no none both either neither such same other another its it they them their
  he she his her him we our us you your i my me who whom whose which what when where while why how if then than so because unless until
  of in on at by for with from to into onto upon over under between among through during before after above below across within without against
  about per via as like near since toward towards off out up down around along behind beyond except inside outside
  and or but nor not only also just even still too very more most less least much many few several own
  again once here there always never often sometimes usually currently already later soon later first finally immediately automatically
  e.g i.e etc eg ie vs and/or whether regardless least otherwise however therefore thus hence rather instead
  must shall should will may can could would might cannot is are was were be been being has have had do does did able
  one two three four five six seven eight nine ten hundred thousand million
  yes ok please using used based according due given including includes include included contain contains containing
  new existing different various multiple certain specific appropriate relevant necessary required optional additional available possible
  correctly quickly easily directly properly successfully securely clearly simply fully exactly together locally manually
  there's it's don't doesn't can't won't isn't aren't
  want wants need needs let lets allow allows enable enables permit permits ensure ensures support supports provide provides
  good better best well full whole entire main key
  double itself themselves himself herself oneself yourself am told ours theirs half first second third fourth primary secondary impossible authoritative similar same paid
  today tomorrow yesterday time times way ways thing things lot lots kind kinds type types set sets number numbers amount part parts
  case cases order-of example examples use uses able unable long short easy simple large small big
`);

/** Verbs in their base form, common in requirement statements. `*` marks those that are nouns at least as often. */
const VERB_FORMS = `
  accept access* achieve acknowledge act activate adapt add adjust administer advance aggregate alert* allocate allow amend analyse analyze announce answer* append apply approve
  archive* arrange ask assign associate attach audit* authenticate authorise authorize automate avoid back backup* balance* ban begin belong bind block* book* boot
  broadcast* browse build* buffer* buy bypass cache* calculate calibrate call* cancel capture categorise categorize catch change* charge* check* choose claim* classify clean clear click* close
  collaborate collect combine come comment* communicate compare compile complete complain comply compose compress compute conduct configure confirm conflict connect consider consist
  consume contact* contain continue control* convert cope copy* correct correlate count* cover create credit* crop* customise customize cut deactivate decide declare decode decrease decrypt
  define delegate delete deliver demonstrate deny depend deploy deprecate describe design* detect determine develop diagnose differ disable discard disclose disconnect discover
  dismiss dispatch display* dispense distinguish distribute document* download* drag draw drive* drop duplicate* earn edit eject elect eliminate email* emit employ enable encode encourage encrypt end enforce enrol enroll ensure enter
  enqueue escalate establish estimate* evaluate examine exceed exchange* exclude execute exist exit* expect expire explain expose export* express extend extract fail fall fetch fill filter* find
  finish fit fix flag* flash focus* follow forbid force forecast* forget format* forward fulfil fulfill gather generate get give go grant* group* guarantee guide* halt handle happen hash* hear help hide hold host* identify ignore
  implement import* impose improve include increase indicate inform inherit initialise initialize initiate inject input* insert inspect install integrate interact interface* interpret interrupt introduce invite invoke isolate issue*
  join jump keep know label* last launch* lead* leak learn leave let limit* link* list* listen load* locate lock* log* login* look lose maintain make manage map* mark match* measure* meet
  merge message* migrate mitigate modify monitor* mount* move mute name* navigate need negotiate normalise normalize note* notify obey observe obtain occur offer* open operate optimise optimize order* organise organize originate
  output* overlap override overwrite own pack page* pair* parse participate pass* pause* pay perform permit persist pick place* plan* play plot* point* poll* populate post* predict prefer prepare present preserve press prevent preview* print* prioritise prioritize
  proceed process* produce progress* prohibit project* prompt* propagate propose protect prove provide provision publish pull pulse purchase* push put quarantine query* queue* quit raise randomise randomize range rank* rate* reach react read rebuild
  recalculate receive recognise recognize recommend reconcile reconnect reconstruct record* recover redirect redact reduce refer reference* refresh refund* refuse register reject relate relay* release* rely remain remember remind remove render rename reopen reorder repeat replace
  replay* reply* report* represent reproduce request* require reroute reschedule reserve reset resize resolve respect respond restart* restore restrict resubmit result* resume retain retrieve retry return* reuse reverse review* revise revoke ride rollback* rotate route* run*
  sample* satisfy save say scale* scan* schedule* score* screen* scroll search* see select sell send sense* separate serialise serialize serve set share* shed ship* show shut sign* simulate skip sleep solve sort spawn specify spend split* stack* start* state* stay steer step stop store* stream* strip submit subscribe suggest summarise summarize
  supply support* suppress survive suspend swap switch* sync* synchronise synchronize tag* take talk target* tell terminate test* throttle throw toggle tolerate total* trace* track* trade* train* transcode transfer* transform translate transmit travel treat trigger* trim trust try tune turn type undo understand unlock
  unsubscribe update* upgrade* upload* use validate vary verify view* violate visit* visualise visualize vote* wait wake walk want warn watch win withdraw work* wrap write yield zoom
`;

export const VERBS: ReadonlySet<string> = new Set(
  VERB_FORMS.trim()
    .split(/\s+/)
    .map((verb) => verb.replace('*', '')),
);

export const NOUN_LIKE_VERBS: ReadonlySet<string> = new Set(
  VERB_FORMS.trim()
    .split(/\s+/)
    .filter((verb) => verb.endsWith('*'))
    .map((verb) => verb.slice(0, -1)),
);

/** Nouns that stand for the whole that is being built, or for nothing in particular: never a component or an entity. */
export const GENERIC_NOUNS = words(`
  system application app software product platform solution tool program project service website site web-site implementation
  feature features functionality function functions functional requirement requirements ability capability capabilities option options behaviour behavior
  information data detail details value values item items field fields content contents result results state status way information record records
  user users person people someone anyone everybody customer's team teams company organisation organization business vendor supplier stakeholder stakeholders
  hour hours minute minutes second seconds day days week weeks month months year years date time percent ms kb mb gb tb bytes size
  page pages screen screens button buttons click clicks view views ui interface interfaces
  change changes action actions operation operations activity step steps process processes event task work use case cases error errors failure failures
  performance security reliability availability usability scalability maintainability portability accessibility quality compliance
  version release phase stage scope goal goals objective objectives purpose section document documentation specification note notes
  average maximum minimum total least most order place end start beginning top bottom side line lines name names number numbers type types
  response responses request requests access level levels point points rule rules condition conditions moment period basis list lists
  load loads latency uptime downtime delay bandwidth
  term terms definition need needs reason reasons question questions problem problems issue issues set sets range format formats
  loss increase decrease form forms part parts input inputs output outputs environment environments
`);
