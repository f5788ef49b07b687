import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { OptionError } from '../errors.ts'

/** PEM files: our certificate with the chain below it, and its key. */
export type CertificateFiles = { readonly certFile: string; readonly keyFile: string }
export type Pem = { readonly cert: string; readonly key: string }

/** The certificate that we show to browsers. It is read again when its files change, so that a renewal takes no restart. */
export class OwnCertificate {
  readonly #files: CertificateFiles
  #stamp: string
  #pem: Pem

  /** Throws `OptionError` for files that cannot be read or do not belong together. */
  constructor(files: CertificateFiles) {
    this.#files = files
    this.#stamp = stampOf(files)
    this.#pem = read(files)
  }

  get pem(): Pem {
    return this.#pem
  }

  /** What the files hold now, if that is something new. Throws `OptionError`; then the old certificate stays, and the next call tries again. */
  reload(): Pem | undefined {
    const stamp = stampOf(this.#files)
    if (stamp === this.#stamp) return undefined
    this.#pem = read(this.#files)
    this.#stamp = stamp
    return this.#pem
  }
}

function read({ certFile, keyFile }: CertificateFiles): Pem {
  try {
    const pem = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    // An empty file, as one that is just being written, would be a server without a certificate, and no error.
    if (!new X509Certificate(pem.cert).checkPrivateKey(createPrivateKey(pem.key))) throw new Error('the key belongs to another certificate')
    createSecureContext(pem)
    return pem
  } catch (error) {
    throw new OptionError(`${certFile} and ${keyFile} are no certificate with its key: ${(error as Error).message}`)
  }
}

function stampOf({ certFile, keyFile }: CertificateFiles): string {
  return [certFile, keyFile]
    .map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
    .map((stats) => (stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`))
    .join('; ')
}
