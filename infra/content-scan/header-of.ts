/** So much of the header of a mail is read, and goes back to its sender. */
const MOST_HEADERS = 64 * 1024

/** Up to and with the last header field. */
export const headerOf = async (message: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  let head = Buffer.alloc(0)
  for await (const chunk of message) {
    head = Buffer.concat([head, chunk])
    if (head.length > MOST_HEADERS || head.includes('\r\n\r\n')) break
  }
  const end = head.indexOf('\r\n\r\n')
  if (end !== -1) return head.subarray(0, end + 2)
  return head.subarray(0, head.lastIndexOf('\r\n') + 2)
}

/** The whole of it; null where it is longer than `most` octets. */
export const wholeOf = async (message: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | null> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of message) {
    length += chunk.length
    if (length > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
