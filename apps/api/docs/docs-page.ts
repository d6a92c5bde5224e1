import { createHash } from 'node:crypto'
import type { OpenApi, Operation, Parameter } from './openapi.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2024, #e7eaee); --quiet: light-dark(#5b6470, #9aa4b1); --line: light-dark(#d9dee4, #343b44);
  --ground: light-dark(#ffffff, #15181c); --accent: light-dark(#0b5cad, #7ab8ff) }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground) }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem }
a { color: var(--accent) } h1 { font-size: 1.6rem } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) } h3 { margin: 2rem 0 .25rem; font-size: 1rem }
code, .path { font-family: ui-monospace, monospace; font-size: .92em } .verb { display: inline-block; min-width: 4.5em; font-weight: 700; color: var(--accent) }
p { margin: .25rem 0 } .quiet, td:nth-child(2) { color: var(--quiet) } table { border-collapse: collapse; margin: .5rem 0 }
td { padding: .15rem 1rem .15rem 0; vertical-align: top } nav ul { columns: 2; padding-left: 1.2rem } details { margin: .4rem 0 }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); font-size: .85em }`

/** Content-Security-Policy of the page: it has one style, known by its hash, and nothing else. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`

/** The OpenAPI document for reading: one page, nothing loaded, no script. */
export function docsPage(api: OpenApi): string {
  const operations = Object.entries(api.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation })),
  )
  const sections = api.tags.map(({ name }) => {
    const ofTag = operations.filter(({ operation }) => operation.tags.includes(name))
    return `<h2 id="${escaped(name)}">${escaped(name)}</h2>${ofTag.map(({ path, verb, operation }) => section(path, verb, operation)).join('')}`
  })
  const shapes = Object.entries(api.components.schemas).map(
    ([name, schema]) =>
      `<h3 id="shape-${escaped(name)}">${escaped(name)}</h3><pre>${escaped(JSON.stringify(schema, null, 2))}</pre>`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mailkeep: the REST API</title><style>${STYLE}</style></head><body><main>
<h1>Mailkeep: the REST API</h1><p>${prose(String(api.info['description']))}</p>
<p><a href="openapi.json">The same as OpenAPI 3.1</a></p>
<nav><ul>${api.tags.map(({ name }) => `<li><a href="#${escaped(name)}">${escaped(name)}</a></li>`).join('')}<li><a href="#shapes">Shapes</a></li></ul></nav>
${sections.join('')}<h2 id="shapes">Shapes</h2>${shapes.join('')}</main></body></html>`
}

const section = (path: string, verb: string, operation: Operation): string => `
<h3><span class="verb">${verb.toUpperCase()}</span> <span class="path">${escaped(path)}</span></h3>
<p>${escaped(operation.summary)}</p><p class="quiet">${prose(operation.description)}</p>
${parameters(operation.parameters)}
${operation.requestBody === undefined ? '' : schemaDetails('Body', operation.requestBody.content['application/json']?.schema)}
${Object.entries(operation.responses)
  .filter(([status]) => status !== 'default')
  .map(([status, response]) => answer(status, response))
  .join('')}`

const parameters = (all: readonly Parameter[]): string =>
  all.length === 0
    ? ''
    : `<table>${all
        .map(
          (one) =>
            `<tr><td><code>${escaped(one.name)}</code></td><td>${one.in}${one.required ? ', required' : ''}</td><td>${escaped(String(one['description'] ?? ''))}</td></tr>`,
        )
        .join('')}</table>`

function answer(status: string, response: Readonly<Record<string, unknown>>): string {
  const content = response['content'] as Record<string, { schema?: object }> | undefined
  const [type, body] = Object.entries(content ?? {})[0] ?? []
  const says = `${status}: ${String(response['description'])}${type === undefined || type === 'application/json' ? '' : ` (${type})`}`
  return body?.schema === undefined ? `<p>${escaped(says)}</p>` : schemaDetails(says, body.schema)
}

const schemaDetails = (title: string, schema: object | undefined): string =>
  `<details><summary>${escaped(title)}</summary><pre>${escaped(JSON.stringify(schema ?? {}, null, 2))}</pre></details>`

/** What is between backticks is code. */
const prose = (text: string): string => escaped(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>')

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
