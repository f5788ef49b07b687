import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import type { FileName } from '../../core/input.ts'

/** The files of one node. */
export interface Disk {
  /** The file's bytes; undefined when there is none. */
  read(file: FileName): Promise<Uint8Array | undefined>
  /** Replaces a file as a whole; resolves with the system's error text, or undefined. Saves are done in the order of the calls. */
  write(file: FileName, bytes: Uint8Array, durable: boolean): Promise<string | undefined>
  /** Waits for saves under way. */
  close(): Promise<void>
}

/** Files that live as long as the object: embedded clusters and tests. `seed` are files found at the start. */
export class MemoryDisk implements Disk {
  readonly #files = new Map<FileName, Uint8Array>()

  constructor(seed: Partial<Record<FileName, Uint8Array>> = {}) {
    for (const [name, bytes] of Object.entries(seed)) if (bytes) this.#files.set(name as FileName, bytes)
  }

  async read(file: FileName): Promise<Uint8Array | undefined> {
    return this.#files.get(file)
  }

  async write(file: FileName, bytes: Uint8Array): Promise<undefined> {
    this.#files.set(file, bytes.slice())
    return undefined
  }

  async close(): Promise<void> {}
}

/** A directory on disk. A save writes a temporary file, flushes it if it must be durable, and renames it into place. */
export class DirectoryDisk implements Disk {
  readonly #directory: string
  /** Path of nodes.conf relative to the directory: `cluster-config-file`. */
  readonly #names: Readonly<Record<FileName, string>>
  #last: Promise<unknown> = Promise.resolve()

  constructor(directory: string, names: Readonly<Record<FileName, string>> = { 'nodes.conf': 'nodes.conf' }) {
    this.#directory = directory
    this.#names = names
  }

  async read(file: FileName): Promise<Uint8Array | undefined> {
    try {
      return await readFile(path.join(this.#directory, this.#names[file]))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  write(file: FileName, bytes: Uint8Array, durable: boolean): Promise<string | undefined> {
    const copy = bytes.slice()
    const saved = this.#last
      .then(() => this.#replace(this.#names[file], copy, durable))
      .then(
        () => undefined,
        (error: Error) => error.message
      )
    this.#last = saved
    return saved
  }

  async close(): Promise<void> {
    await this.#last
  }

  async #replace(name: string, bytes: Uint8Array, durable: boolean): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    const target = path.join(this.#directory, name)
    const temporary = `${target}.tmp-${process.pid}`
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      if (durable) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
    if (!durable) return
    const directory = await open(this.#directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}
