import mjml2html from 'mjml'

/**
 * The digest as HTML, made by MJML once: a frame and a row, with `{{name}}` where the values go. 600 px, one column, no picture, no link but ours;
 * dark where the reader's program is.
 */
export interface Layout {
  readonly before: string
  readonly row: string
  readonly after: string
}

const CUT = '<!--row-->'

const FONT = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

const STYLE = `
  :root { color-scheme: light dark; supported-color-schemes: light dark }
  @media (prefers-color-scheme: dark) {
    .ground, .ground > div[role=article] { background: #14171b !important }
    .ink div, .ink a { color: #e8ebef !important }
    .quiet div, .quiet a { color: #a2abb7 !important }
    .line p { border-top-color: #333a43 !important }
    .main td { background: #8ac2ff !important }
    .second td { background: #14171b !important; border-color: #8ac2ff !important }
    .main a { background: transparent !important; color: #0d1a29 !important }
    .second a { background: transparent !important; color: #8ac2ff !important }
  }
`

const text = (css: string, size: number, content: string, extra = ''): string =>
  `<mj-text css-class="${css}" font-size="${size}px" line-height="1.45" padding="0 16px" ${extra}>${content}</mj-text>`

const button = (css: string, words: string, link: string, colours: string): string =>
  `<mj-button css-class="${css}" href="{{${link}}}" height="44px" inner-padding="0 18px" padding="10px 0 4px 16px" align="left" font-size="16px" font-weight="600" border-radius="6px" ${colours}>${words}</mj-button>`

const DOCUMENT = `
<mjml lang="en">
  <mj-head>
    <mj-title>{{title}}</mj-title>
    <mj-preview>{{preview}}</mj-preview>
    <mj-attributes>
      <mj-all font-family="${FONT}" />
      <mj-text color="#1c2024" />
      <mj-section padding="0" />
    </mj-attributes>
    <mj-raw><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></mj-raw>
    <mj-style>${STYLE}</mj-style>
  </mj-head>
  <mj-body width="600px" background-color="#ffffff" css-class="ground">
    <mj-section padding="24px 0 8px"><mj-column>
      ${text('ink', 24, '{{title}}', 'font-weight="700"')}
      ${text('quiet', 15, '{{for}}', 'color="#59626d"')}
    </mj-column></mj-section>
    <mj-raw>${CUT}</mj-raw>
    <mj-section><mj-column>
      <mj-divider css-class="line" border-width="1px" border-color="#d8dde3" padding="10px 16px" />
      ${text('ink', 16, '{{sender}}', 'font-weight="600"')}
      ${text('quiet', 15, '{{address}}', 'color="#59626d"')}
      ${text('ink', 16, '{{subject}}', 'padding-top="4px"')}
      ${text('quiet', 15, '{{time}} &#183; {{why}}', 'color="#59626d"')}
    </mj-column></mj-section>
    <mj-section><mj-group>
      <mj-column width="30%">${button('main', 'Release', 'release', 'background-color="#0b5cad" color="#ffffff"')}</mj-column>
      <mj-column width="70%">${button('second', 'Release and trust', 'trust', 'background-color="#ffffff" color="#0b5cad" border="1px solid #0b5cad"')}</mj-column>
    </mj-group></mj-section>
    <mj-section><mj-column>
      ${text('quiet', 14, '<a href="{{block}}" style="color:#59626d">Block this sender</a> &#160; <a href="{{spam}}" style="color:#59626d">It is spam</a>', 'color="#59626d" padding-bottom="6px"')}
    </mj-column></mj-section>
    <mj-raw>${CUT}</mj-raw>
    <mj-section padding="8px 0 32px"><mj-column>
      <mj-divider css-class="line" border-width="1px" border-color="#d8dde3" padding="10px 16px" />
      ${text('quiet', 15, '{{counts}}', 'color="#59626d"')}
      ${text('ink', 15, '<a href="{{open}}" style="color:#0b5cad">{{openWords}}</a>', 'padding-top="10px"')}
      ${text('quiet', 13, '{{why}}<br><a href="{{unsubscribe}}" style="color:#59626d">No more digests</a>', 'color="#59626d" padding-top="14px"')}
    </mj-column></mj-section>
  </mj-body>
</mjml>`

let made: Promise<Layout> | undefined

/** Made at the first digest. */
export const layout = (): Promise<Layout> => (made ??= make())

const make = async (): Promise<Layout> => {
  const { html, errors } = await mjml2html(DOCUMENT, {
    validationLevel: 'strict',
    keepComments: true,
    // Else it would load some by name from elsewhere.
    fonts: {},
  })
  const [before, row, after, ...more] = html.split(CUT)
  if (before === undefined || row === undefined || after === undefined || more.length > 0)
    throw new Error(`the digest's layout has ${html.split(CUT).length} parts: ${JSON.stringify(errors)}`)
  return { before, row, after }
}

/** Puts in the values, which are HTML already. */
export const filled = (part: string, values: Readonly<Record<string, string>>): string =>
  part.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the digest's layout asks for ${name}`)
    return value
  })
