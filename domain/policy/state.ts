/** The version in force. Version 0 with an empty document is the built-in default: `policyDocument(name, document)` reads both. */
export interface PolicyState {
  readonly version: number
  readonly document: Readonly<Record<string, unknown>>
}

export const builtInPolicy: PolicyState = { version: 0, document: {} }
