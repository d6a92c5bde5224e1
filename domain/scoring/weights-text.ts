import type { SymbolEntry } from './symbol-entry.ts'

/** What the text, its HTML and its links show (infra/content-scan/heuristics-body.ts). */
export const textWeights = {
  GTUBE: {
    weight: 1000,
    description: 'The Generic Test for Unsolicited Bulk Email',
    sentence: 'The mail holds the test text for spam filters.',
    decisive: true,
  },
  HTML_ONLY: { weight: 1.2, description: 'HTML without a plain alternative', sentence: 'The mail is HTML only.' },
  IMAGE_ONLY: {
    weight: 3,
    description: 'An image and next to no text',
    sentence: 'The mail is a picture with hardly any text.',
  },
  BODY_EMPTY: { weight: 1, description: 'Neither text nor attachment', sentence: 'The mail is empty.' },
  HTML_HIDDEN_TEXT: {
    weight: 0.5,
    description: 'Text that is not shown: tiny, hidden, or in white',
    sentence: "The mail holds text that you can't see.",
  },
  HTML_WORDS_SPLIT: {
    weight: 1.5,
    description: 'Words split by comments or unknown tags',
    sentence: 'Words are split to mislead filters.',
  },
  HTML_FORM: { weight: 0.3, description: 'A form', sentence: 'The mail holds a form to fill in.' },
  HTML_SCRIPT: {
    weight: 0.5,
    description: 'Script, frame or embedded object',
    sentence: 'The mail holds active content.',
  },
  HTML_SHOUTS: {
    weight: 1,
    description: 'Very large or moving letters',
    sentence: 'The mail shouts in large letters.',
  },
  HTML_IMAGE_LINK: {
    weight: 0.2,
    description: 'A picture that is a link',
    sentence: 'The mail holds pictures to click on.',
  },
  TEXT_NEEDLESSLY_BASE64: {
    weight: 1.8,
    description: 'Plain ASCII text in base64',
    sentence: 'The text is encoded to hide it from filters.',
  },
  URL_IP_ADDRESS: {
    weight: 2.5,
    description: 'A link to a bare IP address',
    sentence: 'A link leads to a bare number instead of a name.',
  },
  URL_SHORTENER: { weight: 0.5, description: 'A link through a shortener', sentence: 'A link hides where it leads.' },
  URL_TEXT_MISMATCH: {
    weight: 1.8,
    description: 'A link whose text shows another domain',
    sentence: 'A link pretends to lead to another place.',
  },
  URL_DISGUISED: {
    weight: 1.5,
    description: 'A link with a user name or an encoded host',
    sentence: 'A link disguises where it leads.',
  },
  URL_ODD_PORT: { weight: 0.4, description: 'A link to an unusual port', sentence: 'A link leads to an unusual port.' },
  URL_PUNYCODE: {
    weight: 0.5,
    description: 'A link to an internationalised host name',
    sentence: 'A link leads to a name with unusual letters.',
  },
  URL_CHEAP_DOMAIN: {
    weight: 1.3,
    description: 'A link to a top-level domain that spammers prefer',
    sentence: 'A link leads to a kind of domain that is often abused.',
  },
  TEXT_SHOUTS: { weight: 0.3, description: 'Runs of words in capitals', sentence: 'The text shouts.' },
  TEXT_ADVANCE_FEE: {
    weight: 3,
    description: 'Three or more turns of an advance-fee fraud',
    sentence: 'The text reads like a fraud that promises money.',
  },
  TEXT_ADVANCE_FEE_SURE: {
    weight: 1.5,
    description: 'Five or more turns of an advance-fee fraud',
    sentence: 'The text reads very much like a fraud that promises money.',
  },
  TEXT_LOTTERY: {
    weight: 1.5,
    description: 'Three or more turns of a lottery fraud',
    sentence: 'The text promises a prize.',
  },
  TEXT_MEDICINE: { weight: 0.8, description: 'Medicine, potency, weight', sentence: 'The text advertises medicine.' },
  TEXT_MEDICINE_SURE: {
    weight: 2.8,
    description: 'Two or more of medicine, potency, weight',
    sentence: 'The text advertises medicine without doubt.',
  },
  TEXT_CREDIT: {
    weight: 2.2,
    description: 'Three or more turns of a credit offer',
    sentence: 'The text offers a credit.',
  },
  TEXT_EARN_MONEY: {
    weight: 2.2,
    description: 'Two or more turns of an easy-money offer',
    sentence: 'The text promises easy money.',
  },
  TEXT_EARN_MONEY_SURE: {
    weight: 1.5,
    description: 'Four or more turns of an easy-money offer',
    sentence: 'The text promises easy money without doubt.',
  },
  TEXT_STOCK_TIP: {
    weight: 2,
    description: 'Two or more turns of a stock tip',
    sentence: 'The text gives a stock tip.',
  },
  TEXT_DUBIOUS_GOODS: {
    weight: 2.2,
    description: 'Replicas, cheap software, diplomas, casinos',
    sentence: 'The text advertises dubious goods.',
  },
  TEXT_CREDENTIALS: {
    weight: 1.5,
    description: 'Four or more turns of phishing for credentials',
    sentence: 'The text asks you to confirm an account.',
  },
  TEXT_ADULT: { weight: 0.8, description: 'Two or more adult terms', sentence: 'The text advertises adult content.' },
  TEXT_REMOVAL_OFFER: {
    weight: 1.5,
    description: 'Assures how to be removed, or that it is no spam',
    sentence: 'The text offers to remove you from a list.',
  },
  TEXT_REMOVAL_OFFER_SURE: {
    weight: 0.5,
    description: 'Three or more such assurances',
    sentence: 'The text assures that it is no spam.',
  },
} as const satisfies Readonly<Record<string, SymbolEntry>>
