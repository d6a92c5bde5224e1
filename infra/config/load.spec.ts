import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from './load.ts'
import { listenersBeyondLoopback } from './loopback.ts'
import { describeProblems } from './problems.ts'
import { showConfig } from './show.ts'

const root = mkdtempSync(join(tmpdir(), 'mailkeep-config-'))
afterAll(() => rmSync(root, { recursive: true }))

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(root, 'cwd-'))
})

const load = (env: Record<string, string> = {}, yaml?: string) => {
  if (yaml !== undefined) writeFileSync(join(cwd, 'mailkeep.yaml'), yaml)
  return loadConfig({ env, cwd })
}
const loaded = (env: Record<string, string> = {}, yaml?: string) => {
  const result = load(env, yaml)
  if ('problems' in result) throw new Error(describeProblems(result.problems))
  return result
}
const config = (env: Record<string, string> = {}, yaml?: string): Config => loaded(env, yaml).ok
const problems = (env: Record<string, string> = {}, yaml?: string) => {
  const result = load(env, yaml)
  return 'problems' in result ? result.problems : []
}

describe('defaults', () => {
  it('are those of the documentation', () => {
    expect(config()).toMatchObject({
      data: join(cwd, 'data'),
      bind: '127.0.0.1',
      hostname: hostname(),
      mx: { port: 2525, bind: '127.0.0.1' },
      submission: { port: 2587, bind: '127.0.0.1' },
      submissions: { port: 2465, bind: '127.0.0.1' },
      http: { port: 8080, bind: '127.0.0.1', publicUrl: null, trustedProxies: [] },
      tls: { cert: null, key: null },
      admin: { password: null },
      demo: { mode: 'auto', password: null },
      domain: null,
      log: { engine: 'sqlite' },
      content: { engine: 'fs' },
      search: { engine: 'fts' },
      antivirus: { engine: ['yara'] },
      clamd: { address: null },
      dns: { servers: [] },
      relay: { smarthost: null, port: 25 },
      secret: { key: null },
      node: { name: hostname() },
      roles: ['mx', 'submission', 'inspector', 'courier', 'archivist', 'projector', 'api'],
    })
  })

  it('give each listener the common address unless it has its own', () => {
    const { mx, http } = config({ MAILKEEP_BIND: '0.0.0.0', MAILKEEP_HTTP_BIND: '127.0.0.1' })
    expect([mx.bind, http.bind]).toEqual(['0.0.0.0', '127.0.0.1'])
  })
})

describe('sources', () => {
  it('go environment over file over default, and say which it was', () => {
    const { ok, origins } = loaded(
      { MAILKEEP_MX_PORT: '0' },
      'mx: { port: 1025 }\nhttp.port: off\nhttp:\n  publicUrl: https://mail.example.org/\n',
    )
    expect(ok.mx.port).toBe(0)
    expect(ok.http).toMatchObject({ port: 'off', publicUrl: 'https://mail.example.org' })
    expect(origins['mx.port']).toBe('environment')
    expect(origins['http.port']).toBe('file')
    expect(origins['submission.port']).toBe('default')
  })

  it('read the file that MAILKEEP_CONFIG names, which must be there', () => {
    writeFileSync(join(cwd, 'other.yaml'), 'domain: Example.ORG')
    expect(config({ MAILKEEP_CONFIG: 'other.yaml' }).domain).toBe('example.org')
    expect(problems({ MAILKEEP_CONFIG: 'missing.yaml' })).toEqual([
      expect.objectContaining({ name: 'MAILKEEP_CONFIG', given: join(cwd, 'missing.yaml') }),
    ])
  })

  it('take lists by commas, in YAML also as sequences', () => {
    expect(config({ MAILKEEP_ROLES: 'mx, api' }).roles).toEqual(['mx', 'api'])
    expect(config({}, 'dns: { servers: [127.0.0.1:5353, "[::1]:53"] }').dns.servers).toEqual([
      '127.0.0.1:5353',
      '[::1]:53',
    ])
  })

  it('keep what was written in YAML as text: a password of digits stays one', () => {
    expect(config({}, 'admin: { password: 00123 }').admin.password).toBe('00123')
  })

  it('count empty variables as not set and leave MAILKEEP_TEST_* alone', () => {
    expect(config({ MAILKEEP_DOMAIN: '', MAILKEEP_TEST_ANYTHING: '1', PATH: '/bin' }).domain).toBeNull()
  })

  it('accept an empty file', () => expect(problems({}, '# nothing yet\n')).toEqual([]))
})

describe('problems', () => {
  it('are all told at once, with name, what was given, what is expected', () => {
    const found = problems(
      { MAILKEEP_MX_PORT: '70000', MAILKEEP_SUBMISION_PORT: '1', MAILKEEP_ANTIVIRUS_ENGINE: 'clamd,yara' },
      'http: { prot: 1 }\nbind: nowhere\n',
    )
    expect(found.map(({ name, given, expected }) => `${name} | ${given} | ${expected}`)).toEqual([
      'MAILKEEP_SUBMISION_PORT | an unknown setting in the environment | perhaps MAILKEEP_SUBMISSION_PORT',
      'http.prot | an unknown setting in the file | perhaps http.port',
      'bind | "nowhere" | an IP address, such as 127.0.0.1, ::1 or 0.0.0.0',
      'MAILKEEP_MX_PORT | "70000" | a port from 0 (any free one) to 65535, or off',
      'clamd.address (MAILKEEP_CLAMD_ADDRESS) | nothing | host:port or the path of a socket, because antivirus.engine names clamd',
    ])
    expect(describeProblems(found).split('\n')).toHaveLength(6)
  })

  it('never show a secret', () => {
    const text = describeProblems(
      problems({ MAILKEEP_SECRET_KEY: 'hunter2', MAILKEEP_EVENTSTORE_URL: 'http://u:hunter2@h' }),
    )
    expect(text).toContain('MAILKEEP_SECRET_KEY')
    expect(text).not.toContain('hunter2')
  })

  it.each([
    [{ MAILKEEP_LOG_ENGINE: 'eventstore' }, 'a connection string, because log.engine is eventstore'],
    [{ MAILKEEP_CONTENT_ENGINE: 's3' }, 'not available in this build'],
    [{ MAILKEEP_SEARCH_ENGINE: 'elasticsearch' }, 'a URL, because search.engine is elasticsearch'],
    [{ MAILKEEP_TLS_CERT: 'load.ts' }, 'because tls.cert is set'],
    [{ MAILKEEP_S3_ACCESSKEY: 'a' }, 'because s3.accessKey is set'],
    [{ MAILKEEP_MX_PORT: '2587' }, 'a port that mx.port does not have'],
    [{ MAILKEEP_ROLES: 'mx,mx' }, 'some of mx'],
    [{ MAILKEEP_ROLES: ' , ' }, 'some of mx'],
    [{ MAILKEEP_DNS_SERVERS: 'ns.example.org' }, 'ip or ip:port'],
    [{ MAILKEEP_HTTP_TRUSTEDPROXIES: '10.0.0.0/40' }, 'networks'],
    [{ MAILKEEP_CLAMD_ADDRESS: 'localhost' }, "the absolute path of a socket's file"],
    [{ MAILKEEP_RELAY_PORT: 'off' }, 'a port from 1'],
    [{ MAILKEEP_DOMAIN: '127.0.0.1' }, 'a domain name'],
    [{ MAILKEEP_DEMO_MODE: 'on' }, 'one of auto, off'],
    [{ MAILKEEP_HTTP_PUBLICURL: 'ftp://x' }, 'http or https'],
    [{ MAILKEEP_TLS_CERT: 'none.pem', MAILKEEP_TLS_KEY: 'none.pem' }, 'a readable file (ENOENT)'],
  ])('%j', (env, expected) => {
    expect(
      problems(env)
        .map((problem) => problem.expected)
        .join('\n'),
    ).toContain(expected)
  })

  it.each([
    ['- a\n', 'settings as `name: value`'],
    ['a: [', 'not YAML'],
    ['mx: { port: [1] }', 'mx.port: given a list'],
    ['mx: { port: { a: 1 } }', 'mx.port: given a map'],
    ['mx.port: 1\nmx: { port: 2 }', 'mx.port: given twice'],
  ])('of the file: %j', (yaml, expected) => {
    expect(describeProblems(problems({}, yaml))).toContain(expected)
  })
})

describe('showing', () => {
  it('lists every effective value with its origin, secrets masked', () => {
    const { ok, origins } = loaded({
      MAILKEEP_ADMIN_PASSWORD: 'hunter2',
      MAILKEEP_EVENTSTORE_URL: 'esdb://u:hunter2@h:2113',
    })
    const shown = showConfig(ok, origins)
    expect(shown.find(({ key }) => key === 'admin.password')).toMatchObject({
      value: '********',
      origin: 'environment',
    })
    expect(shown.find(({ key }) => key === 'eventstore.url')?.value).toBe('esdb://********@h:2113')
    expect(shown.find(({ key }) => key === 'tls.cert')?.value).toBe('(self-signed, made once under data)')
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })

  it('tells which listeners other machines can reach', () => {
    const env = { MAILKEEP_BIND: '0.0.0.0', MAILKEEP_HTTP_BIND: '::1', MAILKEEP_MX_PORT: 'off' }
    expect(listenersBeyondLoopback(config(env))).toEqual(['submission 0.0.0.0', 'submissions 0.0.0.0'])
  })
})
