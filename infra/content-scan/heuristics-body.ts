import { getDomain } from 'tldts'
import { visibleText } from './heuristics-html.ts'
import type { Structure } from './heuristics-structure.ts'

/** The Generic Test for Unsolicited Bulk Email: any filter must take it for spam (spamassassin.apache.org/gtube). */
const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

export interface BodyFacts {
  readonly structure: Structure
  /** What a reader sees: plain text, and HTML without its tags. */
  readonly text: string
  readonly links: readonly Link[]
  /** How many of which ideas were found in the text. */
  readonly counted: Map<readonly RegExp[], number>
}

interface Link {
  readonly url: string
  readonly host: string
  /** The text that is clicked on, '' for a bare address in plain text. */
  readonly shown: string
}

const MAX_LINKS = 200

const SHORTENERS: ReadonlySet<string> = new Set(
  'bit.ly tinyurl.com goo.gl t.co ow.ly is.gd buff.ly rebrand.ly cutt.ly tiny.cc shorturl.at rb.gy v.gd bl.ink t.ly lnkd.in snipurl.com tr.im'.split(
    ' ',
  ),
)

const hostOf = (url: string): string =>
  (/^https?:\/\/(?:[^/?#@\s]{0,200}@)?(\[[\da-f:.]{2,45}\]|[^/:?#\s]{1,253})/i.exec(url)?.[1] ?? '').toLowerCase()

/** Anchors by hand, not by one expression: its time would grow with the square of what a hostile mail nests in them. */
const anchorsOf = (html: string): Link[] => {
  const links: Link[] = []
  const lower = html.toLowerCase()
  for (let at = lower.indexOf('<a'); at !== -1 && links.length < MAX_LINKS; at = lower.indexOf('<a', at + 2)) {
    const rest = html.slice(at, at + 2_600)
    const close = rest.indexOf('>')
    if (close === -1 || !/^<a\s/i.test(rest)) continue
    const url = /\shref\s{0,9}=\s{0,9}["']?\s{0,9}(https?:[^"'\s>]+)/i.exec(rest.slice(0, close))?.[1]
    if (url === undefined) continue
    const end = lower.slice(at + close + 1, at + close + 501).indexOf('</a')
    const shown = end === -1 ? '' : html.slice(at + close + 1, at + close + 1 + end)
    links.push({ url, host: hostOf(url), shown: visibleText(shown) })
  }
  return links
}

const linksOf = ({ plain, html }: Structure): Link[] => {
  const bare = plain.matchAll(/\bhttps?:\/\/[^\s<>"')]{1,2000}/gi).take(MAX_LINKS)
  return [...anchorsOf(html), ...[...bare].map(([url]) => ({ url, host: hostOf(url), shown: '' }))]
}

export const bodyFacts = (structure: Structure): BodyFacts => ({
  structure,
  text: `${structure.plain}\n${visibleText(structure.html)}`.slice(0, 128 * 1024),
  links: linksOf(structure),
  counted: new Map(),
})

const registered = (host: string): string => getDomain(host, { allowPrivateDomains: true }) ?? host

/** Registered domains that the links lead to, each once; addresses and names of one label have none. */
export const linkDomains = ({ links }: BodyFacts): string[] => [
  ...new Set(
    links.flatMap(({ host }) => {
      const domain = getDomain(host, { allowPrivateDomains: true })
      return domain === null || domain.length > 200 ? [] : [domain]
    }),
  ),
]

const shownHost = (shown: string): string =>
  /^\s*(?:https?:\/\/)?((?:[\w-]{1,63}\.){1,6}[a-z]{2,10})(?:[/?\s]|$)/i.exec(shown)?.[1]?.toLowerCase() ?? ''
const shows = (structure: Structure, type: string): boolean =>
  structure.parts.some((part) => !part.attachment && part.type === type)
const hasImage = (structure: Structure): boolean =>
  /<img\b/i.test(structure.html) || structure.parts.some((part) => part.type.startsWith('image/'))
const links = (facts: BodyFacts, test: (link: Link) => boolean): boolean => facts.links.some(test)

/** How many different of these ideas a text has. Asked more than once of one text: looked for once. */
const ideas = ({ text, counted }: BodyFacts, patterns: readonly RegExp[]): number => {
  const before = counted.get(patterns)
  if (before !== undefined) return before
  const count = patterns.filter((pattern) => pattern.test(text)).length
  counted.set(patterns, count)
  return count
}

const ADVANCE_FEE = [
  /\b(?:million|billion) (?:us )?(?:dollars|pounds|euros?)|\b(?:usd?|us)\s?\$\s?\d/i,
  /next of kin|deceased|late (?:husband|father|president)|inherit/i,
  /\b(?:barrister|attorney|director|manager) .{0,40}\b(?:bank|chambers|ministry)/i,
  /transfer .{0,40}(?:fund|money|sum)|fund transfer/i,
  /\b(?:nigeria|ivory coast|sierra leone|ghana|togo|benin|lagos|abidjan|johannesburg|burkina)/i,
  /confidential|utmost secrecy|strictly private/i,
  /foreign (?:partner|account|bank)|your bank account/i,
  /beneficiary|(?:contact|assist) me urgently|urgent (?:reply|response)/i,
]
const LOTTERY = [
  /\blotter(?:y|ies)\b|sweepstake/i,
  /\b(?:winner|winning|won)\b/i,
  /claims? (?:agent|department|officer)|claim your (?:prize|winning)/i,
  /\b(?:ticket|batch|reference|ref) (?:number|no)\b/i,
]
const MEDICINE = [
  /v[i1!|]agra|c[i1!|]al[i1!|]s|l[e3]vitra|\bvalium\b|\bxanax\b|phentermine|\bambien\b|\bvicodin\b|\btramadol\b/i,
  /pharmac(?:y|ies)|\bmeds\b|prescription/i,
  /erecti|\bpenis\b|enlarge|\blibido\b|sexual performance/i,
  /weight loss|lose weight|\bhgh\b|human growth|diet pills?/i,
]
const CREDIT = [
  /mortgage|refinanc/i,
  /\b(?:low(?:est)?|interest) rates?\b/i,
  /\bdebts?\b|consolidat/i,
  /bad credit|credit (?:history|report|card)/i,
  /\bloans?\b|pre-?approved/i,
]
const EARN = [
  /work (?:from|at) home|home[- ]based business/i,
  /financial (?:freedom|independence)/i,
  /(?:make|earn|made) (?:up to )?(?:\$|money|extra|big)/i,
  /\$\d[\d,.]*(?:k| ?(?:a|per|\/) ?(?:day|week|month|year))/i,
  /no (?:experience|selling|risk|obligation)|risk[- ]free/i,
  /multi-?level|mlm\b|opportunity/i,
  /100% (?:free|guaranteed|legal)|money[- ]back guarantee|guaranteed/i,
]
const STOCKS = [
  /\b(?:otc|pink ?sheets?|nasdaq|symbol)\b.{0,30}\b[A-Z]{4}\b/,
  /strong buy|price target|\btarget price|short term target/i,
  /\bstocks?\b.{0,60}(?:alert|pick|explo|soar|watch)/i,
  /forward[- ]looking statements?|investor alert/i,
]
const GOODS = [
  /\brolex\b|\breplicas?\b|\bcartier\b|louis vuitton/i,
  /\b(?:oem|cheap|discount) software|adobe .{0,40}(?:photoshop|acrobat).{0,20}\$|windows xp .{0,30}\$/i,
  /university (?:diploma|degree)|\bdiplomas?\b.{0,60}\b(?:call|university)/i,
  /online casino|\bcasino\b.{0,40}(?:bonus|free|win)/i,
]
const CREDENTIALS = [
  /(?:verify|confirm|update|validate) (?:your|the) .{0,30}(?:account|identity|information|records|password|details)/i,
  /account .{0,40}(?:suspend|limited|restrict|locked|terminat|unauthori[sz]ed)/i,
  /(?:paypal|ebay|bank|card|online banking|mailbox)/i,
  /click (?:here|the link|on the link|below)|(?:log|sign)[- ]?(?:in|on) (?:here|below|to)/i,
  /dear (?:valued )?(?:customer|member|client|user|account holder)|within \d+ hours/i,
]
const ADULT = [
  /\b(?:porn|xxx|hardcore|sluts?|teens? (?:girls|sex)|nude|naked)\b/i,
  /\b(?:sex|sexy|horny|cum|fuck\w*)\b/i,
  /live (?:girls|cams?)|webcams?|adults? only|18 years/i,
]
const REMOVAL = [
  /(?:to be|be) (?:removed|deleted) from (?:our|this|the|future)/i,
  /(?:click|reply|e-?mail).{0,40}(?:remove|unsubscribe|opt[- ]?out)/i,
  /(?:no longer|not) (?:wish|want) to receive|never receive/i,
  /this (?:is not|message is not|e-?mail is not).{0,20}(?:spam|unsolicited)|you (?:are receiving|received) this (?:e-?mail|message|offer)/i,
]

/** One idea each, like `headerTests`. */
export const bodyTests: readonly (readonly [name: string, shows: (facts: BodyFacts) => boolean])[] = [
  ['GTUBE', ({ structure }) => structure.plain.includes(GTUBE) || structure.html.includes(GTUBE)],
  ['HTML_ONLY', ({ structure }) => shows(structure, 'text/html') && !shows(structure, 'text/plain')],
  ['IMAGE_ONLY', ({ structure, text }) => hasImage(structure) && text.trim().length < 200],
  ['BODY_EMPTY', ({ structure, text }) => text.trim() === '' && structure.parts.length <= 1 && !hasImage(structure)],
  [
    'HTML_HIDDEN_TEXT',
    ({ structure: { html } }) =>
      /font-size\s*:\s*[01](?:px|pt|\b(?![\d.]))|display\s*:\s*none|visibility\s*:\s*hidden|<font[^<>]{0,100}size\s*=\s*["']?(?:0|-[4-9])|color\s*[:=]\s*["']?#?(?:fff(?:fff)?|white)\b/i.test(
        html,
      ) && !/<style/i.test(html),
  ],
  [
    'HTML_WORDS_SPLIT',
    ({ structure: { html } }) =>
      [...html.matchAll(/\p{L}(?:<!--[^>]{0,200}-->|<\/?[a-z]{6,20}\d*\s*>)(?=\p{L})/giu)].length >= 3,
  ],
  ['HTML_FORM', ({ structure: { html } }) => /<form\b/i.test(html)],
  ['HTML_SCRIPT', ({ structure: { html } }) => /<(?:script|iframe|object|embed)\b/i.test(html)],
  [
    'HTML_SHOUTS',
    ({ structure: { html } }) =>
      /<font[^<>]{0,200}size\s*=\s*["']?\+?[5-7]/i.test(html) || /<(?:big|marquee|blink)\b/i.test(html),
  ],
  ['HTML_IMAGE_LINK', ({ structure: { html } }) => /<a\b[^<>]{0,500}>\s{0,50}<img\b/i.test(html)],
  [
    'TEXT_NEEDLESSLY_BASE64',
    ({ structure }) =>
      structure.parts.some((part) => part.type.startsWith('text/') && !part.attachment && part.encoding === 'base64') &&
      !/[^\s\x20-\x7e]/.test(structure.plain + structure.html),
  ],
  [
    'URL_IP_ADDRESS',
    (facts) => links(facts, ({ host }) => /^(?:\d+\.\d+\.\d+\.\d+|\d{8,10}|0x[\da-f]{6,8}|\[.*\])$/.test(host)),
  ],
  ['URL_SHORTENER', (facts) => links(facts, ({ host }) => SHORTENERS.has(host))],
  [
    'URL_TEXT_MISMATCH',
    (facts) =>
      links(facts, ({ host, shown }) => {
        const pretended = shownHost(shown)
        return pretended !== '' && host !== '' && registered(pretended) !== registered(host)
      }),
  ],
  [
    'URL_DISGUISED',
    (facts) =>
      links(
        facts,
        ({ url, host }) =>
          /^https?:\/\/[^/?#]{1,200}@/i.test(url) || host.includes('%') || /^https?:\/\/[^/]*%[0-9a-f]{2}/i.test(url),
      ),
  ],
  [
    'URL_ODD_PORT',
    (facts) => links(facts, ({ url }) => /^https?:\/\/[^/?#:]{1,253}:(?!80\b|443\b|8080\b)\d{2,5}/i.test(url)),
  ],
  ['URL_PUNYCODE', (facts) => links(facts, ({ host }) => /(?:^|\.)xn--/.test(host))],
  [
    'URL_CHEAP_DOMAIN',
    (facts) =>
      links(facts, ({ host }) => /\.(?:biz|info|cc|ws|tk|top|xyz|click|loan|work|icu|cn|ru|vg|hk)$/.test(host)),
  ],
  ['TEXT_SHOUTS', ({ text }) => [...text.matchAll(/\b[A-Z]{3,}\b[!, ]+\b[A-Z]{3,}\b[!, ]+\b[A-Z]{3,}\b/g)].length >= 3],
  ['TEXT_ADVANCE_FEE', (facts) => ideas(facts, ADVANCE_FEE) >= 3],
  ['TEXT_ADVANCE_FEE_SURE', (facts) => ideas(facts, ADVANCE_FEE) >= 5],
  ['TEXT_LOTTERY', (facts) => ideas(facts, LOTTERY) >= 3],
  ['TEXT_MEDICINE', (facts) => ideas(facts, MEDICINE) >= 1],
  ['TEXT_MEDICINE_SURE', (facts) => ideas(facts, MEDICINE) >= 2],
  ['TEXT_CREDIT', (facts) => ideas(facts, CREDIT) >= 3],
  ['TEXT_EARN_MONEY', (facts) => ideas(facts, EARN) >= 2],
  ['TEXT_EARN_MONEY_SURE', (facts) => ideas(facts, EARN) >= 4],
  ['TEXT_STOCK_TIP', (facts) => ideas(facts, STOCKS) >= 2],
  ['TEXT_DUBIOUS_GOODS', (facts) => ideas(facts, GOODS) >= 1],
  ['TEXT_CREDENTIALS', (facts) => ideas(facts, CREDENTIALS) >= 4],
  ['TEXT_ADULT', (facts) => ideas(facts, ADULT) >= 2],
  ['TEXT_REMOVAL_OFFER', (facts) => ideas(facts, REMOVAL) >= 1],
  ['TEXT_REMOVAL_OFFER_SURE', (facts) => ideas(facts, REMOVAL) >= 3],
]
