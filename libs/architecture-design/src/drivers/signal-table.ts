/** One thing the text may say. Evidence for and against is collected sentence by sentence, negation honoured. */
export interface SignalRule {
  readonly id: string;
  readonly words: RegExp;
  /** The words already contain their negation ("no server"), so it is not looked for. */
  readonly literal?: true;
}

export const SHAPE_SIGNALS: readonly SignalRule[] = [
  // Where it runs
  {
    id: 'browser',
    words: /\b(?:(?:web )?browsers?|web ?page|web app(?:lication)?|website|single[- ]page|html|pwa|progressive web app)\b/i,
  },
  {
    id: 'browser-only',
    literal: true,
    words:
      /\b(?:(?:entirely|completely|purely|only|fully|wholly|solely|everything|all (?:data|processing|computation|conversion|work)\b.{0,40}|runs?) (?:\w+ ){0,3}(?:in|inside|within|on) (?:the |a |their )?(?:user'?s? )?(?:web )?browser|client[- ]side only|only client[- ]side|static (?:web)?(?:site|pages?|files?|html|hosting)|never leaves? the (?:user'?s? )?(?:browser|device|machine|computer)|no (?:server|backend|back[- ]end)(?:[- ]side)?\b|without (?:a |any )?(?:server|backend|back[- ]end)|(?:must|shall) not (?:require|need|use|have|contact|send \w+ to) (?:a |any )?(?:server|backend)|single html file|serverless of any kind|no server component)\b/i,
  },
  { id: 'server', words: /\b(?:servers?|back[- ]?end|server[- ]side)\b/i },
  {
    id: 'command-line',
    words:
      /\b(?:command[- ]line|cli|terminal|shell (?:script|tool|command)|stdin|stdout|standard (?:input|output)|exit (?:code|status)s?|command[- ]line (?:flags?|options?|arguments?)|sub-?commands?|man page)\b/i,
  },
  {
    id: 'library',
    words:
      /\b(?:(?:as|is|be|provide|ship|offer|publish)\w* (?:as )?an? (?:\w+ ){0,3}(?:library|sdk|package|crate|gem|npm module)|public api of the library|the library (?:must|shall|should|will)|npm package|importable|header-only|semantic versioning)\b/i,
  },
  {
    id: 'desktop',
    words:
      /\b(?:desktop (?:app(?:lication)?|program|client|software)|native (?:windows|macos|linux) app|installer|windows application|tray icon|single executable|standalone executable)\b/i,
  },
  { id: 'mobile', words: /\b(?:mobile (?:app(?:lication)?s?|devices?|phones?|client)|smartphones?|ios|android|tablets?|phones?)\b/i },
  {
    id: 'embedded',
    words:
      /\b(?:embedded|firmware|microcontroller|mcu|rtos|bare[- ]metal|bootloader|esp32|stm32|arduino|flash memory|gpio|actuators?|watchdog)\b/i,
  },
  {
    id: 'on-device',
    words:
      /\b(?:on[- ]device|on the device|runs? (?:locally|on (?:the|a) (?:phone|tablet|handset|device|raspberry pi))|local[- ]first|locally on)\b/i,
  },
  {
    id: 'offline',
    words:
      /\b(?:offline|without (?:an? |any )?(?:internet|network|connectivity|connection|internet connection|network connection|internet access)|no (?:internet|network) (?:connection|access|connectivity)|air[- ]gapped|disconnected)\b/i,
  },
  {
    id: 'game',
    words:
      /\b(?:game(?:play|s)?|levels?, (?:enemies|score)|players? (?:can|must)|high scores?|leaderboards?|sprites?|frame rate|matchmaking|multi-?player)\b/i,
  },
  {
    id: 'multiplayer',
    words: /\b(?:multi-?player|matchmaking|authoritative server|game servers?|other players|pvp|co-?op|lobby|lobbies|opponents?)\b/i,
  },
  // Style, said outright
  {
    id: 'wants-services',
    words: /\b(?:micro-?services?|service[- ]oriented|independently deploy(?:able|ed)|separate(?:ly deployable)? services|soa)\b/i,
  },
  {
    id: 'wants-monolith',
    words:
      /\b(?:monolith(?:ic)?|single deployable(?: unit)?|one deployable(?: unit)?|single (?:application server|binary|process)|one (?:binary|process))\b/i,
  },
  {
    id: 'wants-serverless',
    words: /\b(?:serverless|lambda functions?|aws lambda|azure functions|cloud functions?|functions? as a service|faas)\b/i,
  },
  {
    id: 'wants-events',
    words:
      /\b(?:event[- ]driven|event[- ]sourc\w+|event (?:bus|stream\w*|log)|message (?:bus|broker|queue)|publish[-/ ]subscribe|pub\/sub|kafka|stream processing)\b/i,
  },
  // Shape of the work
  {
    id: 'stream',
    words:
      /\b(?:sensors?|telemetry|readings?|event streams?|streams? of|streaming|data points|time[- ]series|iot|ingest\w*|meter(?:s|ing)|measurements?|clickstream|market data|(?:price|market|quote) ticks?|tick data|position updates|gps)\b/i,
  },
  {
    id: 'devices',
    words: /\b(?:sensors?|devices?|gateways?|meters?|machines?|plcs?|vehicles?|robots?|actuators?|trackers?|wearables?|pumps?)\b/i,
  },
  {
    id: 'batch',
    words:
      /\b(?:batch(?:es)?|etl|elt|nightly|overnight|data warehouse|pipelines?|transformations?|end[- ]of[- ]day|daily (?:run|job|load|import|export)|bulk|map-?reduce|data lake)\b/i,
  },
  {
    id: 'etl',
    words:
      /\b(?:etl|elt|data (?:pipeline|warehouse|lake|mart)|extract\w*,? transform\w*|batch (?:job|processing|pipeline|run)s?|nightly (?:load|run|job|batch))\b/i,
  },
  {
    id: 'scheduled',
    words:
      /\b(?:schedul(?:e[ds]?|er|ing)|cron|nightly|hourly|every (?:day|night|hour|week|month)|reminders?|daily|weekly|monthly|periodic(?:ally)?)\b/i,
  },
  {
    id: 'realtime',
    words:
      /\b(?:real[- ]?time|live (?:updates?|view|dashboard|position|scores?)|instantly|push(?:ed)? (?:updates|notifications?)|websockets?|collaborat\w+ (?:edit|in real)|within (?:\d{1,3} ?ms|one second|1 s(?:econd)?))\b/i,
  },
  {
    id: 'crud',
    words: /\b(?:create|add|edit|update|delete|remove|manage|maintain|register|forms?|search|list|view|assign|approve|book|record)\b/i,
  },
  {
    id: 'workflow',
    words: /\b(?:approv(?:e[ds]?|als?|ing)|work-?flows?|sign[- ]?off|escalat\w+|multi-step|state machine|review(?:ed)? (?:and|by))\b/i,
  },
  { id: 'notifications', words: /\b(?:notif(?:y|ies|ied|ications?)|e-?mails?|sms|text messages?|push messages?|reminders?|webhooks?)\b/i },
  {
    id: 'background',
    words:
      /\b(?:background (?:jobs?|tasks?|process\w*|sync)|asynchronous(?:ly)?|queue[sd]?|retr(?:y|ies|ied)|nightly|scheduled|in the background|generate[sd]? (?:a |the )?(?:monthly|weekly|daily)? ?reports?)\b/i,
  },
  {
    id: 'transactions',
    words:
      /\b(?:transaction(?:s|al)?|payments?|ledger|balance|double[- ]entry|atomic(?:ally|ity)?|consisten(?:t|cy)|exactly once|idempoten\w+|booking|reservation|orders?|invoices?|stock levels?)\b/i,
  },
  { id: 'search', words: /\b(?:full[- ]text search|search(?:es|ed|ing|able)?|find by|look ?up)\b/i },
  { id: 'reporting', words: /\b(?:reports?|reporting|analytics|statistics|charts?|dashboards?|aggregat\w+|trends?|kpis?)\b/i },
  { id: 'files', words: /\b(?:files?|documents?|photos?|images?|videos?|attachments?|pdfs?|scans?|recordings?|audio)\b/i },
  {
    id: 'upload',
    words:
      /\b(?:upload(?:s|ed|ing)?|attach(?:es|ed|ing)? (?:a |an )?(?:file|photo|document|image)s?|drag(?:s|ged)? and drop|imports? (?:of )?files?|opens? (?:a |an )?(?:local )?files?)\b/i,
  },
  { id: 'cache', words: /\b(?:cach(?:e[ds]?|ing))\b/i },
  {
    id: 'inference',
    words:
      /\b(?:machine learning|neural network|inference|classif(?:y|ies|ier|ication)|trained model|computer vision|language model|llm|recommendation engine|anomaly detection|predict(?:s|ion|ive)?)\b/i,
  },
  // Scale and people
  {
    id: 'independent-scaling',
    words:
      /\b(?:scal(?:e|es|ed|ing) independently|independent(?:ly)? (?:scal\w+|deploy\w+|releas\w+|team\w*)|scaled separately|deploys? on (?:its|their) own|release[sd]? on (?:its|their) own|without (?:another|other) teams?|different (?:load|scaling) profiles?|elastic\w*|auto-?scal\w+|horizontal(?:ly)? scal\w+|scale(?:s)? horizontally)\b/i,
  },
  {
    id: 'many-teams',
    words:
      /\b(?:(?:several|multiple|many|separate|different|independent|\b(?:[3-9]|[1-9]\d)|three|four|five|six|seven|eight|ten|twelve) (?:\w+ )?(?:development |engineering |product |delivery |autonomous |feature )?teams|each team|teams? own(?:s|ed|ership)?)\b/i,
  },
  {
    id: 'small-team',
    words:
      /\b(?:small team|(?:team|staff) of (?:one|two|three|four|five|[1-6])\b|(?:one|two|three|1|2|3|single|sole) developers?|single[- ]person|two[- ]person|one[- ]person|part[- ]time developer|solo)\b/i,
  },
  {
    id: 'single-tenant',
    words:
      /\b(?:single[- ]tenant|one (?:organisation|organization|clinic|company|office|school|site|shop|library|hospital)|a single (?:organisation|organization|clinic|company|office|school|site|shop|hospital)|internal (?:tool|use|application)|in-house)\b/i,
  },
  { id: 'multi-tenant', words: /\b(?:multi-?tenan(?:t|cy)|tenants?|per[- ]customer isolation|white[- ]label|saas)\b/i },
  {
    id: 'high-load',
    words:
      /\b(?:\d+(?:\.\d+)? ?(?:million|billion|M)\b(?! ?(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|€|\$|£))|\d{2,3}[,. ]?000 (?:\w+ ){0,2}(?:users|requests|messages|events|transactions|readings|customers|players|devices|sensors|sessions|connections)|(?:[1-9]\d{3,}|\d{1,3},\d{3}) (?:\w+ ){1,3}(?:per|\/|a) ?(?:second|s\b)|high (?:load|traffic|throughput|volume)|peak (?:load|traffic))/i,
  },
  {
    id: 'high-availability',
    words: /\b(?:99\.\d+ ?%|high(?:ly)?[- ]availab\w+|24\/7|24x7|failover|redundan\w+|no single point of failure|around the clock)/i,
  },
  // Hosting
  {
    id: 'cloud',
    words:
      /\b(?:cloud(?:s|-based|-hosted|-native)?|aws|amazon web services|azure|google cloud|gcp|saas|hosted by (?:a )?provider|public cloud|managed (?:database|service|kubernetes)s?)\b/i,
  },
  {
    id: 'on-premises',
    words:
      /\b(?:on[- ]?prem(?:ises?)?|(?:own|local|in-house|existing|hospital'?s?|factory|plant|company'?s?|customer'?s?|our) (?:\w+ )?(?:data ?cent(?:re|er)|servers?|server room|hardware|infrastructure)|self[- ]hosted|within the (?:hospital|factory|plant|company|site|building|local|corporate|internal) \w*\s?network|local network only|inside the (?:plant|factory|building|site|hospital|company|corporate|local) network|air[- ]gapped|must not leave the (?:building|site|premises|plant|hospital|factory|company)|data ?cent(?:re|er) of)\b/i,
  },
  { id: 'containers', words: /\b(?:kubernetes|k8s|docker|containers?|containeri[sz]ed|openshift|helm)\b/i },
];
