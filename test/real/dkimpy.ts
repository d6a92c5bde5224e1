import { install } from './daemon.ts'
import { python } from './python.ts'

const VERIFY = `
import json, sys, dkim, dns.resolver
given = json.load(sys.stdin)
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = ['127.0.0.1']
resolver.port = given['port']
def txt(name, timeout=5):
    return b''.join(resolver.resolve(name.decode(), 'TXT', lifetime=timeout)[0].strings)
message = given['message'].encode('latin-1')
signatures = [value for name, value in dkim.rfc822_parse(message)[0] if name.lower() == b'dkim-signature']
def verify(idx):
    tags = dkim.parse_tag_value(signatures[idx])
    try:
        return f"{tags[b'a'].decode()} {dkim.DKIM(message).verify(idx=idx, dnsfunc=txt)}"
    except dkim.DKIMException as error:
        return str(error)
print(json.dumps([verify(idx) for idx in range(len(signatures))]))
`

/** What dkimpy says of each signature in `message` (CRLF line ends, latin1) with the keys that a DNS server on loopback serves: `rsa-sha256 True`. */
export const verifyByDkimpy = (message: string, dnsPort: number): Promise<readonly string[]> => {
  install('python3-dkim', 'python3-nacl', 'python3-dnspython')
  return python(VERIFY, { message, port: dnsPort })
}
