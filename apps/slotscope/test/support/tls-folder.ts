import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { type Certified, makeAuthority, selfSigned } from '../../../../packages/api/test/support/certificates.ts'
import { WireClient } from '../../../../packages/engine/test/valkey-node.ts'

/** A folder with what TLS needs: `ca.crt`, and `NAME.crt` with `NAME.key` for `server` and `client`, which the CA vouches for, and `stranger`. */
export class TlsFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'slotscope-tls-'))
  readonly #certified = new Map<string, Certified>()
  #ca = ''

  static async make(): Promise<TlsFolder> {
    const folder = new TlsFolder()
    const authority = await makeAuthority('test')
    folder.#ca = authority.ca
    folder.write('ca.crt', authority.ca)
    for (const name of ['server', 'client', 'second']) folder.#keep(name, await authority.issue([name]))
    folder.#keep('stranger', await selfSigned(['stranger']))
    return folder
  }

  /** The whole path of a file. */
  file(name: string): string {
    return join(this.path, name)
  }

  write(name: string, text: string): void {
    writeFileSync(this.file(name), text)
  }

  /** Parameters of a node that shows `server` and asks for a certificate of the CA. */
  get settings(): Readonly<Record<string, string>> {
    return { 'tls-cert-file': this.file('server.crt'), 'tls-key-file': this.file('server.key'), 'tls-ca-cert-file': this.file('ca.crt') }
  }

  /** Connects over TLS, as `name` or as nobody; resolves when hands are shaken, and rejects when the other side will not. */
  connect(port: number, name?: string, options: tls.ConnectionOptions = {}): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const certified = name === undefined ? {} : this.#certified.get(name)
      const socket = tls.connect({ host: '127.0.0.1', port, ca: this.#ca, checkServerIdentity: () => undefined, ...certified, ...options })
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('closed')))
      socket.once('secureConnect', () => {
        const client = new WireClient(socket)
        // Of TLS 1.3 a client thinks that all is well before its certificate has been looked at.
        client.call('PING').then(() => resolve(client), reject)
      })
    })
  }

  /** The common name of the certificate that a port shows. */
  shownAt(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.once('error', reject)
    })
  }

  #keep(name: string, certified: Certified): void {
    this.#certified.set(name, certified)
    this.write(`${name}.crt`, certified.cert)
    this.write(`${name}.key`, certified.key)
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
