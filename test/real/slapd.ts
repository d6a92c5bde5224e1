import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { end, freePort, give, install, launch } from './daemon.ts'

/** A real slapd (OpenLDAP) of this test's own, with people and groups below `dc=example,dc=org`. */
export interface Slapd {
  readonly port: number
  /** ldap://127.0.0.1:port, which offers StartTLS with a certificate that nobody trusts. */
  readonly url: string
  readonly reader: { readonly dn: string; readonly password: string }
  /** Changes as LDIF (RFC 2849) has them. */
  change(ldif: string): void
  kill(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

export const BASE = 'dc=example,dc=org'
const ROOT = `cn=admin,${BASE}`
const PASSWORD = 'root-secret'
const READER = { dn: `cn=reader,${BASE}`, password: 'reader-secret' }

/** Starts it with these entries, on a free port. `pageLimit`: more entries at once nobody but the administrator gets. */
export const startSlapd = async (ldif: string, { pageLimit = 500 } = {}): Promise<Slapd> => {
  install('slapd', 'ldap-utils', 'openssl')
  const folder = mkdtempSync('/tmp/mkslapd-')
  chmodSync(folder, 0o755)
  const port = await freePort()
  const at = (name: string): string => join(folder, name)
  mkdirSync(at('db'))
  writeFileSync(at('slapd.conf'), configuration(folder, pageLimit))
  writeFileSync(at('exchange.schema'), exchange)
  writeFileSync(at('entries.ldif'), `${roots}\n${ldif}\n`)
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=ldap.test',
      '-keyout',
      at('key.pem'),
      '-out',
      at('certificate.pem'),
    ],
    { stdio: 'ignore' },
  )
  execFileSync('/usr/sbin/slapadd', ['-q', '-f', at('slapd.conf'), '-l', at('entries.ldif')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  give(folder)
  const url = `ldap://127.0.0.1:${port}`
  const start = () =>
    launch(
      ['/usr/sbin/slapd', '-h', url, '-f', at('slapd.conf'), '-d', '0'],
      () => answers(port),
      () => `slapd -f ${at('slapd.conf')}`,
    )
  let daemon = await start()
  return {
    port,
    url,
    reader: READER,
    change: (changes) => {
      execFileSync('ldapmodify', ['-x', '-H', url, '-D', ROOT, '-w', PASSWORD], {
        input: changes,
        stdio: ['pipe', 'ignore', 'inherit'],
      })
    },
    kill: () => end(daemon, 'SIGKILL'),
    restart: async () => {
      await end(daemon, 'SIGKILL')
      daemon = await start()
    },
    stop: async () => {
      await end(daemon, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (folder: string, pageLimit: number): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include ${folder}/exchange.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile ${folder}/certificate.pem
TLSCertificateKeyFile ${folder}/key.pem
sizelimit size.soft=${pageLimit} size.hard=${pageLimit} size.pr=${pageLimit} size.prtotal=unlimited
database mdb
maxsize 104857600
suffix "${BASE}"
rootdn "${ROOT}"
rootpw ${PASSWORD}
directory ${folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${READER.dn}" read by * none
`

/** What Active Directory with Exchange adds, as it compares it (Debian's msuser.schema has no matching rule for it). */
const exchange = `
attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.2.840.113556.1.2.48 NAME 'isDeleted'
  EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( proxyAddresses $ isDeleted ) )
`

const roots = `dn: ${BASE}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ${READER.dn}
objectClass: person
cn: reader
sn: reader
userPassword: ${READER.password}

dn: ou=people,${BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${BASE}
objectClass: organizationalUnit
ou: groups
`

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
