import { Server } from 'node:https'
import type { App } from '../context.ts'
import type { OwnCertificate } from './own-certificate.ts'

/** Makes the function that looks whether our certificate was renewed, and shows the new one from then on. A bad one is told once. */
export function followCertificate(
  certificate: OwnCertificate | undefined,
  app: () => App | undefined,
  onProblem: (error: unknown) => void
): () => void {
  let told = ''
  return () => {
    try {
      const renewed = certificate?.reload()
      const server: unknown = app()?.server
      if (renewed !== undefined && server instanceof Server) {
        server.setSecureContext({ ...renewed })
        app()?.log.info('our certificate was renewed')
      }
      told = ''
    } catch (error) {
      if (String(error) !== told) onProblem(error)
      told = String(error)
    }
  }
}
