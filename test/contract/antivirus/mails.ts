import { crc32, deflateRawSync } from 'node:zlib'

/** The EICAR test file, put together here so that no scanner takes this source for one. */
export const EICAR = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-'))

export interface Attachment {
  readonly name: string
  readonly bytes: Buffer
}

const wrap = (text: string): string => text.replace(/.{76}/g, '$&\r\n')

/** A mail with a text and files in base64, as any mail program writes it. */
export function mailWith(...files: readonly Attachment[]): Buffer {
  const boundary = 'b1_4f1c0d7e'
  const parts = files.map(
    (file) =>
      `--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${file.name}"\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${wrap(file.bytes.toString('base64'))}\r\n`,
  )
  return Buffer.from(
    `From: ann@example.org\r\nTo: ben@example.net\r\nSubject: Files\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n` +
      `${parts.join('')}--${boundary}--\r\n`,
    'latin1',
  )
}

export const plainMail = (text: string): Buffer =>
  Buffer.from(`From: ann@example.org\r\nTo: ben@example.net\r\nSubject: Hello\r\n\r\n${text}\r\n`, 'latin1')

export interface ZipEntry extends Attachment {
  readonly encrypted?: boolean
}

/** A ZIP archive of deflated members; an `encrypted` one only says so. */
export function zipOf(...entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const packed = deflateRawSync(entry.bytes)
    const name = Buffer.from(entry.name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(entry.encrypted === true ? 1 : 0, 2)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(entry.bytes), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(entry.bytes.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, name]))
    locals.push(local)
    offset += local.length
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(listing.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, listing, Buffer.from('PK\x05\x06', 'latin1'), end])
}
