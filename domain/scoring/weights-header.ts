import type { SymbolEntry } from './symbol-entry.ts'

/** What the header block shows (infra/content-scan/heuristics-header.ts). */
export const headerWeights = {
  MISSING_DATE: { weight: 0.8, description: 'No Date field (RFC 5322 3.6)', sentence: 'The mail has no date.' },
  MISSING_MESSAGE_ID: {
    weight: 0.7,
    description: 'No Message-ID field',
    sentence: 'The mail lacks the mark that mail programs give every mail.',
  },
  MISSING_FROM: { weight: 1.5, description: 'No From field (RFC 5322 3.6)', sentence: 'The mail names no sender.' },
  MISSING_TO: { weight: 0.2, description: 'Neither To nor Cc', sentence: 'The mail names no recipient.' },
  MISSING_SUBJECT: { weight: 0.5, description: 'No subject, or an empty one', sentence: 'The mail has no subject.' },
  DATE_INVALID: {
    weight: 1.4,
    description: 'A Date that is none (RFC 5322 3.3)',
    sentence: "The mail's date can't be read.",
  },
  DATE_ZONE_INVALID: {
    weight: 2.5,
    description: 'A time zone in Date that does not exist',
    sentence: "The mail's date has a time zone that does not exist.",
  },
  DATE_IN_FUTURE: {
    weight: 2.5,
    description: 'Date more than 12 hours after acceptance',
    sentence: 'The mail is dated in the future.',
  },
  DATE_IN_PAST: {
    weight: 0.8,
    description: 'Date more than 7 days before acceptance',
    sentence: 'The mail is dated far in the past.',
  },
  FROM_SEVERAL: {
    weight: 1.2,
    description: 'Several From fields, or several addresses in From',
    sentence: 'The mail names several senders.',
  },
  FROM_INVALID: {
    weight: 1.2,
    description: 'No valid address in From',
    sentence: "The sender's address is not valid.",
  },
  FROM_NAME_IS_OTHER_ADDRESS: {
    weight: 1.5,
    description: 'The display name in From shows an address of another domain',
    sentence: "The sender's name pretends to be another address.",
  },
  FROM_DIGITS: {
    weight: 1,
    description: 'The local part of From is letters and many digits',
    sentence: "The sender's address looks made up.",
  },
  FROM_IS_TO: {
    weight: 0.8,
    description: 'The only recipient named is the sender',
    sentence: 'The mail pretends to be sent by its recipient.',
  },
  REPLY_TO_OTHER_FREE_MAIL: {
    weight: 2.5,
    description: "Replies go to a free mail provider that is not the sender's",
    sentence: 'Replies would go to another address at a free mail provider.',
  },
  REPLY_TO_OTHER_DOMAIN: {
    weight: 0.2,
    description: 'Replies go to another domain',
    sentence: "Replies would go to another domain than the sender's.",
  },
  ENVELOPE_OTHER_DOMAIN: {
    weight: 0.1,
    description: 'Envelope sender and From are of different domains',
    sentence: 'The mail was sent on behalf of another domain.',
  },
  SUBJECT_ALL_CAPS: { weight: 2, description: 'Subject in capitals', sentence: 'The subject shouts.' },
  SUBJECT_EXCLAIMS: {
    weight: 1.5,
    description: 'Several exclamation or question marks, or dollar signs, in the subject',
    sentence: 'The subject shouts with punctuation.',
  },
  SUBJECT_ENCODED_ASCII: {
    weight: 0.8,
    description: 'Subject encoded in base64 though it is plain ASCII',
    sentence: 'The subject is encoded to hide it from filters.',
  },
  SUBJECT_SPACED_OUT: {
    weight: 3,
    description: 'Subject with spaced-out letters, or a tail after many blanks',
    sentence: 'The subject is written to mislead filters.',
  },
  SUBJECT_HOLDS_RECIPIENT: {
    weight: 1.2,
    description: "Subject begins with the recipient's local part",
    sentence: "The subject begins with your mailbox's name.",
  },
  SUBJECT_FAKE_REPLY: {
    weight: 0.2,
    description: 'Subject says Re: but the mail refers to none',
    sentence: 'The mail pretends to be a reply.',
  },
  RECIPIENTS_UNDISCLOSED: {
    weight: 0.5,
    description: 'To says undisclosed recipients',
    sentence: 'The recipients are hidden.',
  },
  RECIPIENTS_MANY: {
    weight: 1,
    description: '15 or more recipients in To and Cc',
    sentence: 'The mail names very many recipients.',
  },
  RECIPIENTS_ALIKE: {
    weight: 2.5,
    description: 'Five or more recipients whose addresses begin alike',
    sentence: 'The recipients are taken from an alphabetical list.',
  },
  MESSAGE_ID_MALFORMED: {
    weight: 1.8,
    description: 'A Message-ID that is none (RFC 5322 3.6.4)',
    sentence: 'The mail bears a malformed mark.',
  },
  MESSAGE_ID_NO_DOMAIN: {
    weight: 0.4,
    description: 'A Message-ID without a real domain',
    sentence: 'The mail bears a mark without a real origin.',
  },
  MUA_FORGED: {
    weight: 0.8,
    description: 'X-Mailer names a program that writes its Message-ID another way',
    sentence: 'The mail pretends to be written with another program.',
  },
  MUA_OUTDATED: {
    weight: 2,
    description: 'X-Mailer names a program that few people still use',
    sentence: 'The mail claims to be written with a very old program.',
  },
  RECEIVED_INVALID: {
    weight: 1.5,
    description: 'A Received field with an impossible address',
    sentence: "The mail's trace is forged.",
  },
  RECEIVED_HELO_IS_US: {
    weight: 0.4,
    description: "A client that greeted a server with that server's own name",
    sentence: "A server on the mail's way lied about its name.",
  },
  FIELDS_REPEATED: {
    weight: 1.8,
    description: 'A field that may occur once occurs twice (RFC 5322 3.6)',
    sentence: "Parts of the mail's header occur twice.",
  },
  HEADER_RAW_8BIT: {
    weight: 1.5,
    description: 'Bytes outside ASCII in the header that are not UTF-8',
    sentence: 'The header has characters that are not allowed there.',
  },
  PRIORITY_HIGH: { weight: 1, description: 'Marked as urgent', sentence: 'The mail claims to be urgent.' },
  MIME_VERSION_MISSING: {
    weight: 2.2,
    description: 'HTML or multipart without MIME-Version',
    sentence: "The mail's format is not declared properly.",
  },
  LISTED: {
    weight: -1.5,
    description: 'Of a mailing list: List-Id, with a way to post or to leave',
    sentence: 'The mail comes from a mailing list.',
  },
  REPLIES: { weight: -1.5, description: 'Refers to an earlier mail', sentence: 'The mail replies to another one.' },
} as const satisfies Readonly<Record<string, SymbolEntry>>
