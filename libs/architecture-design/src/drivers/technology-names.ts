export interface KnownTechnology {
  readonly category: string;
  readonly names: RegExp;
}

/** Names by what they are, so that a named product lands in the right section. Others are found by "written in …". */
export const KNOWN_TECHNOLOGIES: readonly KnownTechnology[] = [
  {
    category: 'relational database',
    names: /\b(?:PostgreSQL|Postgres|MySQL|MariaDB|Oracle(?: Database| DB)?|SQL Server|MS ?SQL|DB2|CockroachDB)\b/gi,
  },
  { category: 'embedded database', names: /\b(?:SQLite|RocksDB|LevelDB|DuckDB|LMDB|Realm)\b/gi },
  { category: 'browser storage', names: /\b(?:IndexedDB|localStorage|local storage|sessionStorage|OPFS)\b/gi },
  { category: 'document database', names: /\b(?:MongoDB|CouchDB|DynamoDB|Cosmos ?DB|Firestore|Firebase)\b/gi },
  { category: 'time-series database', names: /\b(?:InfluxDB|TimescaleDB|Prometheus|QuestDB|VictoriaMetrics)\b/gi },
  { category: 'wide-column database', names: /\b(?:Cassandra|ScyllaDB|HBase|Bigtable)\b/gi },
  { category: 'cache', names: /\b(?:Redis|Memcached|Valkey|Hazelcast)\b/gi },
  { category: 'search engine', names: /\b(?:Elasticsearch|OpenSearch|Solr|Meilisearch|Lucene)\b/gi },
  { category: 'message broker', names: /\b(?:Kafka|RabbitMQ|ActiveMQ|NATS|Mosquitto|Pulsar|EventStoreDB|SQS|SNS|Kinesis|Pub\/Sub)\b/gi },
  {
    category: 'protocol',
    names:
      /\b(?:MQTT|OPC[- ]?UA|Modbus|CAN bus|BLE|Bluetooth(?: Low Energy)?|Zigbee|LoRaWAN|CoAP|gRPC|GraphQL|REST(?:ful)?|WebSockets?|WebRTC|HL7(?: v2| FHIR)?|FHIR|DICOM|SOAP|SFTP|FTP|SMTP|IMAP|ISO ?20022|ISO ?8583|SWIFT|OpenAPI|HTTPS?|UDP|TCP(?:\/IP)?|Wi-?Fi|LTE|5G|Ethernet|USB|I2C|SPI|UART|NFC|SSH|LDAP|Kerberos|SAML(?: 2\.0)?|OAuth ?2?(?:\.\d)?|OpenID Connect|OIDC|TLS(?: ?1\.[23])?)(?![\p{L}\p{N}])/gu,
  },
  {
    category: 'cloud provider',
    names: /\b(?:AWS|Amazon Web Services|Azure|Google Cloud|GCP|Heroku|Vercel|Netlify|Cloudflare|DigitalOcean|Hetzner|OVH)\b/gi,
  },
  { category: 'orchestration', names: /\b(?:Kubernetes|k8s|OpenShift|Docker(?: Compose| Swarm)?|Nomad|Helm|Podman)\b/gi },
  {
    category: 'language',
    names:
      /\b(?:TypeScript|JavaScript|Python|Java|Kotlin|C\+\+|C#|Golang|Rust|Ruby|PHP|Swift|Scala|Elixir|Haskell|MicroPython|WebAssembly|WASM|Dart|Objective-C|Ada|Lua|GDScript)(?![\p{L}\p{N}])/gu,
  },
  { category: 'language', names: /(?<=\b(?:written|implemented|coded|developed|programmed) (?:only )?in )(?:Go|C|R|Zig)\b/g },
  {
    category: 'framework',
    names:
      /\b(?:React(?: Native)?|Angular|Vue(?:\.js)?|Svelte|Next\.js|FastAPI|Flask|Spring(?: Boot)?|Django|Rails|Laravel|Express|NestJS|Fastify|\.NET|ASP\.NET|Flutter|Electron|Tauri|Unity|Unreal(?: Engine)?|Godot|Phaser|Three\.js|WebGL|Qt|Node\.js|Deno|FreeRTOS|Zephyr|Yocto|TensorFlow(?: Lite)?|PyTorch|ONNX)(?![\p{L}\p{N}])/gu,
  },
  { category: 'library', names: /\b(?:Pydantic|SQLAlchemy|Alembic|Celery|Hibernate|Prisma)\b/g },
  {
    category: 'operating system',
    names: /\b(?:Windows(?: \d+)?|Linux|macOS|Ubuntu|Debian|RHEL|Red Hat|iOS(?: \d+)?|iPadOS|Android(?: \d+)?|RTOS)\b/g,
  },
  { category: 'identity provider', names: /\b(?:Active Directory|Azure AD|Entra ID|Keycloak|Auth0|Okta|Cognito)\b/gi },
  {
    category: 'monitoring',
    names: /\b(?:Grafana|OpenTelemetry|Datadog|New Relic|Splunk|Nagios|Zabbix|Sentry|CloudWatch|syslog|Jaeger)\b/gi,
  },
  { category: 'hardware', names: /\b(?:ESP32|STM32\w*|Raspberry Pi(?: \d)?|Arduino|ARM(?:64)?|Cortex-M\d*|Jetson(?: \w+)?|FPGA|GPU)\b/g },
  {
    category: 'format',
    names:
      /\b(?:CSV|JSON|YAML|XML|PDF(?:\/A)?|Parquet|Avro|Protobuf|Markdown|HTML5?|SVG|PNG|JPEG|MP4|MIDI|WAV|EPUB|Excel|XLSX|TOML|iCal|GPX|GeoJSON|SARIF|ZIP)\b/g,
  },
  { category: 'file storage', names: /\b(?:S3|Blob Storage|MinIO|NFS|NAS|SAN)\b/g },
];
