import { Parser } from 'htmlparser2'

/** Which of a document's elements are text, and how they stand to each other. Names as written, but for HTML, where they are in lower case. */
export interface MarkupRules {
  readonly xml: boolean
  /** Elements whose text counts; null: all of it. */
  readonly inside: ReadonlySet<string> | null
  /** Elements with all they hold that don't. */
  readonly without: ReadonlySet<string>
  /** Elements that end a line. */
  readonly lines: ReadonlySet<string>
  /** Elements that divide words. */
  readonly gaps: ReadonlySet<string>
  /** Attributes that are text for a reader. */
  readonly attributes: ReadonlySet<string>
}

/** Characters given to the parser at a time. */
const PIECE = 32 * 1024

/** Text of HTML or XML, however broken, read in pieces: `enough` ends it. Entities of a document's own are never expanded. */
export const markupText = (markup: string, rules: MarkupRules, enough: (length: number) => boolean): string => {
  let text = ''
  let inside = 0
  const left: string[] = []
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (left.length > 0 || rules.without.has(name)) {
          if (left.length > 0 ? name === left[0] : true) left.push(name)
          return
        }
        if (rules.inside?.has(name) === true) inside += 1
        if (rules.lines.has(name)) text += '\n'
        else if (rules.gaps.has(name)) text += ' '
        for (const [attribute, value] of Object.entries(attributes))
          if (rules.attributes.has(attribute)) text += ` ${value} `
      },
      ontext(piece) {
        if (left.length === 0 && (rules.inside === null || inside > 0)) text += piece
      },
      onclosetag(name) {
        if (left.length > 0) {
          if (name === left[0]) left.pop()
          return
        }
        if (rules.inside?.has(name) === true) inside -= 1
        if (rules.lines.has(name)) text += '\n'
      },
    },
    { xmlMode: rules.xml, decodeEntities: true },
  )
  for (let at = 0; at < markup.length && !enough(text.length); at += PIECE) parser.write(markup.slice(at, at + PIECE))
  parser.end()
  return rules.xml ? text : text.replaceAll(/[ \t\r\f\u00a0]+/g, ' ').replaceAll(/ ?\n[ \n]*/g, '\n')
}

export const HTML: MarkupRules = {
  xml: false,
  inside: null,
  without: new Set(['script', 'style', 'noscript', 'template']),
  lines: new Set(
    'address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody tfoot thead title tr ul'.split(
      ' ',
    ),
  ),
  gaps: new Set(['td', 'th', 'img']),
  attributes: new Set(['alt']),
}

export const XML: MarkupRules = {
  xml: true,
  inside: null,
  without: new Set(),
  lines: new Set(),
  gaps: new Set(),
  attributes: new Set(),
}
