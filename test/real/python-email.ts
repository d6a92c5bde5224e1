import { python } from './python.ts'

/** A mail as Python's email package reads it. */
export interface ParsedReport {
  readonly type: string
  readonly reportType: string | null
  readonly subject: string
  readonly autoSubmitted: string | null
  readonly returnPath: string | null
  /** Media types of its parts. */
  readonly parts: readonly string[]
  /** The text for people. */
  readonly text: string
  /** Fields of the groups of message/delivery-status (RFC 3464 2.1): of the message, then of each recipient. */
  readonly status: readonly Readonly<Record<string, string>>[]
  /** Subject in what came back of the mail it is about. */
  readonly returnedSubject: string | null
  readonly defects: readonly string[]
}

const PARSE = `
import email, email.policy, json, sys
mail = email.message_from_string(json.load(sys.stdin), policy=email.policy.default)
text, status, returned = list(mail.iter_parts())
returned_header = email.message_from_string(returned.get_payload(decode=True).decode(), policy=email.policy.default)
print(json.dumps({
    'type': mail.get_content_type(),
    'reportType': mail.get_param('report-type'),
    'subject': mail['Subject'],
    'autoSubmitted': mail['Auto-Submitted'],
    'returnPath': mail['Return-Path'],
    'parts': [part.get_content_type() for part in mail.iter_parts()],
    'text': text.get_content(),
    'status': [dict(group.items()) for group in status.get_payload()],
    'returnedSubject': returned_header['Subject'],
    'defects': [str(defect) for part in mail.walk() for defect in part.defects],
}))
`

/** Reads a report with Python's email package, in its strict sense: defects are listed. */
export const parseReport = (mail: string): Promise<ParsedReport> => python(PARSE, mail)
