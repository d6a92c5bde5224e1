/** Where a command reads and writes: the process's own, or a spec's. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
}

export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown }
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

export const processIo = (): Io => ({
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
})
