/** Attachments in a winmail.dat (MS-OXTNEF): the stream of attributes that Outlook wraps files in. */
export interface TnefFile {
  readonly name: string
  readonly bytes: Buffer
}

const SIGNATURE = 0x223e9f78
const TITLE = 0x00018010
const CONTENT = 0x0006800f

export const isTnef = (bytes: Buffer): boolean => bytes.length > 6 && bytes.readUInt32LE(0) === SIGNATURE

export function* tnefFiles(bytes: Buffer): Generator<TnefFile> {
  let content: Buffer | null = null
  let name = ''
  for (let at = 6; at + 9 <= bytes.length;) {
    const tag = bytes.readUInt32LE(at + 1)
    const length = bytes.readUInt32LE(at + 5)
    const value = bytes.subarray(at + 9, Math.min(at + 9 + length, bytes.length))
    if (tag === CONTENT) {
      if (content !== null) yield { name, bytes: content }
      content = value
      name = ''
    } else if (tag === TITLE) name = value.toString('latin1').replace(/\0[^]*$/, '')
    at += 9 + length + 2
  }
  if (content !== null) yield { name, bytes: content }
}
