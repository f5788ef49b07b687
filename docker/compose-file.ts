import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly networks: readonly string[] | Readonly<Record<string, { readonly ipv4_address: string }>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** The compose file as Docker reads it, merge keys resolved. */
export function readComposeFile(): ComposeFile {
  return parse(readFileSync(new URL('./compose.yml', import.meta.url), 'utf8'), { merge: true }) as ComposeFile
}

/** The six services that are Valkey nodes, by name. */
export function nodesOf(file: ComposeFile): readonly (readonly [string, Service])[] {
  return Object.entries(file.services).filter(([name]) => name.startsWith('node-'))
}
