import { install } from './daemon.ts'
import { python } from './python.ts'

const READ = `
import json, sys, authres
given = json.load(sys.stdin)
header = authres.AuthenticationResultsHeader.parse(given['field'])
print(json.dumps({
    'authserv': header.authserv_id,
    'results': [
        {
            'method': result.method,
            'result': result.result,
            'properties': {f'{one.type}.{one.name}': one.value for one in result.properties},
        }
        for result in header.results
    ],
}))
`

interface Read {
  readonly authserv: string
  readonly results: readonly {
    readonly method: string
    readonly result: string
    readonly properties: Readonly<Record<string, string>>
  }[]
}

/** An Authentication-Results field, unfolded, as Python's authres reads it by the grammar of RFC 8601. */
export const authresOf = (field: string): Promise<Read> => {
  install('python3-authres')
  return python(READ, { field })
}
