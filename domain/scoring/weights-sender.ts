import type { SymbolEntry } from './symbol-entry.ts'

/** Who sends and how: authentication (RFC 7208, 6376, 7489, 8617), edge checks that were only recorded, what could not be scanned. */
export const senderWeights = {
  SPF_PASS: {
    weight: -0.1,
    description: 'SPF: the client may send for the envelope domain',
    sentence: 'The sending server is one of those its domain names.',
  },
  SPF_FAIL: {
    weight: 1.5,
    description: 'SPF: the envelope domain says this client may not send for it',
    sentence: 'The sending server is none of those its domain names.',
  },
  SPF_SOFTFAIL: {
    weight: 0.8,
    description: 'SPF: the envelope domain says this client probably may not send for it',
    sentence: 'The sending server is probably none of those its domain names.',
  },
  SPF_NEUTRAL: {
    weight: 0.1,
    description: 'SPF: the envelope domain makes no statement about this client',
    sentence: "The sender's domain says nothing about the sending server.",
  },
  SPF_NONE: {
    weight: 0.1,
    description: 'SPF: the envelope domain publishes no record',
    sentence: "The sender's domain does not say which servers send for it.",
  },
  SPF_TEMPERROR: {
    weight: 0,
    description: 'SPF: the DNS gave no answer for now; nothing is judged from that',
    sentence: 'The sending server could not be checked.',
  },
  SPF_PERMERROR: {
    weight: 0.2,
    description: 'SPF: the published record is broken',
    sentence: "What the sender's domain says about its servers is broken.",
  },
  SPF_POLICY: {
    weight: 0,
    description: 'SPF: a result overridden by local policy',
    sentence: 'The check of the sending server was overridden by policy.',
  },
  SPF_HELO_FAIL: {
    weight: 0.5,
    description: 'SPF: the domain of the HELO name says this client may not use it',
    sentence: 'The sending server calls itself by a name that is not its own.',
  },
  DKIM_PASS: {
    weight: -0.1,
    description: 'DKIM: at least one signature verifies',
    sentence: 'The mail bears a valid signature of a domain.',
  },
  DKIM_FAIL: {
    weight: 0.5,
    description: 'DKIM: a signature, and none that verifies',
    sentence: "The mail's signature does not match it.",
  },
  DKIM_PERMERROR: {
    weight: 0.2,
    description: "DKIM: signatures that can't be verified (syntax, no key, weak algorithm)",
    sentence: "The mail's signature could not be verified.",
  },
  DKIM_NEUTRAL: {
    weight: 0.2,
    description: "DKIM: signatures with syntax errors, or that can't be processed",
    sentence: "The mail's signature is not one that can be verified.",
  },
  DKIM_POLICY: {
    weight: 0.3,
    description:
      'DKIM: signatures that verify, but are not taken (weak key or algorithm, signed in the future, added fields)',
    sentence: "The mail's signature is too weak, or was made for something else.",
  },
  DKIM_BODY_LENGTH: {
    weight: 0.1,
    description: 'DKIM: the signature (l=) lets anybody add to the body; nobody did',
    sentence: "The mail's signature would hold if something was added to the mail.",
  },
  DKIM_BODY_UNSIGNED: {
    weight: 1.5,
    description: 'DKIM: the end of the body is not covered by the signature (l=)',
    sentence: 'A part of the mail is not covered by its signature.',
  },
  DKIM_TEMPERROR: {
    weight: 0,
    description: 'DKIM: a key could not be looked up for now; nothing is judged from that',
    sentence: "The mail's signature could not be checked.",
  },
  DKIM_NONE: { weight: 0, description: 'DKIM: no signature', sentence: 'The mail is not signed.' },
  DMARC_PASS: {
    weight: -0.3,
    description: 'DMARC: SPF or DKIM passes for the From domain',
    sentence: 'The mail comes from the domain it shows as its sender.',
  },
  DMARC_REJECT: {
    weight: 5,
    description: 'DMARC: fails, and the From domain asks to reject what fails',
    sentence: 'The mail is not from the domain it shows, and that domain asks to reject such mail.',
    decisive: true,
  },
  DMARC_QUARANTINE: {
    weight: 4,
    description: 'DMARC: fails, and the From domain asks to quarantine what fails',
    sentence: 'The mail is not from the domain it shows, and that domain asks to hold such mail.',
    decisive: true,
  },
  DMARC_FAIL: {
    weight: 1,
    description: 'DMARC: neither SPF nor DKIM passes for the From domain',
    sentence: 'The mail could not be shown to come from the domain it names as its sender.',
  },
  DMARC_NONE: {
    weight: 0,
    description: 'DMARC: the From domain publishes no policy',
    sentence: "The shown sender's domain publishes no policy.",
  },
  DMARC_TEMPERROR: {
    weight: 0,
    description: 'DMARC: the DNS gave no answer for now; nothing is judged from that',
    sentence: 'Whether the shown sender is real could not be checked.',
  },
  DMARC_PERMERROR: {
    weight: 0.5,
    description: "DMARC: can't be judged (no From, several, or one that programs read differently)",
    sentence: 'The mail shows no single sender that could be checked.',
  },
  ARC_PASS: {
    weight: 0,
    description: 'ARC: the chain of forwarders verifies',
    sentence: 'Forwarders of the mail vouch for how it reached them.',
  },
  ARC_TRUSTED: {
    // Forwarding makes SPF fail.
    weight: -1.5,
    description: 'ARC: a forwarder that policy trusts saw the mail pass DMARC',
    sentence: 'A trusted forwarder vouches for where the mail came from.',
  },
  ARC_FAIL: {
    weight: 0.3,
    description: 'ARC: the chain of forwarders is broken',
    sentence: 'What forwarders of the mail vouched for does not hold.',
  },
  ARC_TEMPERROR: {
    weight: 0,
    description: 'ARC: a key could not be looked up for now',
    sentence: 'What forwarders vouch for could not be checked.',
  },
  ARC_PERMERROR: {
    weight: 0.1,
    description: "ARC: the chain can't be read",
    sentence: 'What forwarders vouch for could not be read.',
  },
  EDGE_HELO_SYNTAX: {
    weight: 0.8,
    description: 'Edge check: the HELO name is no host name',
    sentence: 'The sending server gave no proper name.',
  },
  EDGE_HELO_RESOLVES: {
    weight: 0.3,
    description: 'Edge check: the HELO name does not resolve',
    sentence: 'The name that the sending server gave does not exist.',
  },
  EDGE_REVERSE_DNS: {
    weight: 0.5,
    description: 'Edge check: no confirmed reverse DNS',
    sentence: "The sending server's address has no confirmed name.",
  },
  EDGE_SENDER_SYNTAX: {
    weight: 1,
    description: 'Edge check: the reverse path is malformed',
    sentence: "The sender's address is malformed.",
  },
  EDGE_SENDER_DOMAIN: {
    weight: 1.5,
    description: "Edge check: the sender's domain can't receive mail",
    sentence: "The sender's domain does not accept mail.",
  },
  UNSCANNABLE_ENCRYPTED: {
    weight: 1.5,
    description: "Content the virus scan can't look into: encrypted",
    sentence: 'An attachment is encrypted and could not be scanned.',
  },
  UNSCANNABLE_MALFORMED: {
    weight: 3,
    description: "Content the virus scan can't look into: malformed",
    sentence: 'A part of the mail is malformed and could not be scanned.',
  },
  UNSCANNABLE_TOO_DEEP: {
    weight: 3,
    description: "Content the virus scan can't look into: nested too deep",
    sentence: 'Attachments are nested too deep to be scanned.',
  },
  UNSCANNABLE_TOO_LARGE: {
    weight: 1.5,
    description: "Content the virus scan can't look into: too large",
    sentence: 'A part of the mail is too large to be scanned.',
  },
  UNSCANNABLE_BOMB: {
    weight: 4,
    description: "Content the virus scan can't look into: unpacks to absurd sizes",
    sentence: 'An attachment unpacks to an absurd size.',
  },
} as const satisfies Readonly<Record<string, SymbolEntry>>
