import type { Now } from './input.ts'
import type { OperatorFiles } from './operator-files.ts'

/** What a host gives a node for its whole life. */
export type NodeOptions = {
  /** Every random choice of the node comes from it. */
  readonly seed: number
  /** Valkey's own parameter names; `port` and `cluster-databases` among them. */
  readonly config: Readonly<Record<string, string>>
  /** What holds where `config` says nothing, in the place of what the engine has for it. */
  readonly defaults?: Readonly<Record<string, string>> | undefined
  /** Bytes that nobody can guess, for passwords. A simulator leaves it out: then they follow from the seed. */
  readonly secret?: ((length: number) => Uint8Array) | undefined
  /**
   * Parameters of TLS have been set, perhaps to what they were: the host reads certificates and keys anew and takes them for the links to
   * come. False when they cannot be used: everything is as it was, and the host's log says why. A simulator leaves it out.
   */
  readonly secure?: (() => boolean) | undefined
  /** Users that a configuration declares, each by its name and rules. The constructor throws AclError for one that is wrong. */
  readonly users?: readonly (readonly string[])[] | undefined
  readonly files?: OperatorFiles | undefined
  /** The file that CONFIG REWRITE writes; undefined: there is none. */
  readonly configFile?: string | undefined
  /** Elapsed microseconds, for statistics and the ends of slices and for nothing else; a simulator gives a fixed cost. */
  readonly meter: () => number
  /** When the node is made. */
  readonly now: Now
  /** Shown by INFO: process id and the like; none of it changes behaviour. */
  readonly host?: { readonly processId: number; readonly system: string; readonly architecture: string } | undefined
}
