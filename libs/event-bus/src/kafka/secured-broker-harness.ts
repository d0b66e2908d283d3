import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECRET = 'keystore-secret';
const FORMAT_LIMIT_MS = 60_000;

/** A broker that takes TLS with SASL only. */
export interface SecuredBroker {
  readonly address: string;
  /** PEM of the certificate that its listener shows, for `localhost` and 127.0.0.1, signed by itself. */
  readonly certificate: string;
  /** The end of what it said. */
  log(): string;
  close(): Promise<void>;
}

/** Known to it: `anna` with `anna-secret` by SCRAM-SHA-256 and -512, `plain` with `plain-secret` by PLAIN. Needs the JDK's keytool. Answers some seconds later. */
export async function startSecuredBroker(): Promise<SecuredBroker> {
  const { classPathOf } = await script<{ classPathOf(part: object): Promise<string> }>('jars.mjs');
  const { freePort } = await script<{ freePort(): Promise<number> }>('free-port.mjs');
  const { kafkaSettings } = await script<{ kafkaSettings: Readonly<Record<string, string>> }>('native-parts.mjs');
  const { openGuard } = await script<{ openGuard(): { watch(pid: number): void; release(pid: number): void; close(): Promise<void> } }>(
    'guard.mjs',
  );
  const classPath = await classPathOf({ name: 'kafka', pom: 'deploy/kafka/pom.xml' });
  const folder = mkdtempSync(join(tmpdir(), 'tutti-kafka-tls-'));
  const [port, inside, controller] = [await freePort(), await freePort(), await freePort()];
  const certificate = makeCertificate(folder);
  const properties = join(folder, 'server.properties');
  const settings = { ...kafkaSettings, ...securedSettings(folder, port, inside, controller) };
  writeFileSync(
    properties,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=anna,password=anna-secret]`]);
  const java = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath];
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qk', '-c', properties, ...scram];
  execFileSync('java', [...java, ...format], { timeout: FORMAT_LIMIT_MS, stdio: 'pipe' });
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const child = spawn('java', [...java, 'kafka.Kafka', properties], { cwd: folder, stdio: ['ignore', log, log] });
  closeSync(log);
  const guard = openGuard();
  if (child.pid !== undefined) guard.watch(child.pid);
  return {
    address: `localhost:${port}`,
    certificate,
    log: () => readFileSync(logFile, 'utf8').slice(-4_000),
    async close() {
      await end(child);
      if (child.pid !== undefined) guard.release(child.pid);
      await guard.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function script<T>(name: string): Promise<T> {
  return import(new URL(`../../../../scripts/parts/${name}`, import.meta.url).href) as Promise<T>;
}

function makeCertificate(folder: string): string {
  const store = ['-keystore', join(folder, 'broker.p12'), '-storepass', SECRET, '-alias', 'broker'];
  const names = ['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1'];
  execFileSync('keytool', ['-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', '-validity', '2', ...names, ...store], {
    stdio: 'pipe',
  });
  return execFileSync('keytool', ['-exportcert', '-rfc', ...store], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function securedSettings(folder: string, port: number, inside: number, controller: number): Record<string, string> {
  const jaas = (module: string, rest = '') => `org.apache.kafka.common.security.${module} required${rest};`;
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `SASL_SSL://127.0.0.1:${port},INSIDE://127.0.0.1:${inside},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `SASL_SSL://localhost:${port},INSIDE://127.0.0.1:${inside}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INSIDE',
    'log.dirs': join(folder, 'data'),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': join(folder, 'broker.p12'),
    'ssl.keystore.password': SECRET,
    'listener.name.sasl_ssl.plain.sasl.jaas.config': jaas('plain.PlainLoginModule', ' user_plain="plain-secret"'),
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': jaas('scram.ScramLoginModule'),
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': jaas('scram.ScramLoginModule'),
  };
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
