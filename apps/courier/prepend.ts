/** What we put on top of a mail, then the mail. */
export async function* prepend(top: Uint8Array, message: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield top
  yield* message
}
