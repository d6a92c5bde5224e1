import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import rpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { ClientReadableStream } from '@grpc/grpc-js'
import type { Connection } from './connection.ts'
import { Away, isCancelled } from './failure.ts'

/**
 * One `Read` call, answer by answer: the next is taken from the connection when it is asked for. Ends the call when the reader stops. A
 * connection that ends under it throws.
 */
export async function* answersTo(
  connection: Connection,
  request: ReadReq,
  signal?: AbortSignal,
): AsyncGenerator<ReadResp, void, undefined> {
  const call = await connection.open(rpc.StreamsClient, (client, metadata, options) =>
    client.read(request, metadata, options),
  )
  const cancel = () => call.cancel()
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted === true) cancel()
  // After the reader has gone the call still tells that it was cancelled, to nobody.
  call.on('error', nobody)
  try {
    for await (const answer of call as ClientReadableStream<ReadResp> & AsyncIterable<ReadResp>) yield answer
  } catch (error) {
    connection.checkOpen()
    if (signal?.aborted === true && isCancelled(error)) return
    throw error instanceof Error && error.message.includes('Premature close')
      ? new Away('the connection ended in the middle of a read', { cause: error })
      : error
  } finally {
    signal?.removeEventListener('abort', cancel)
    call.cancel()
  }
}

const nobody = (): void => undefined
