import { createHash } from 'node:crypto'

/** Headers of every answer, also of errors and refusals. The console loads nothing from elsewhere and may not be framed. */
export const securityHeaders = {
  'content-security-policy': policyWith("script-src 'self'"),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Overwritten only by the console's own files.
  'cache-control': 'no-store'
} as const satisfies Record<string, string>

/**
 * The policy of a page of the console: that of every answer, and of the scripts that stand in the page those that stand in this file of
 * ours, by their hashes (CSP level 3, section 2.3.1). A script that came into the page in any other way has another hash and does not run.
 */
export function policyOfPage(html: string): string {
  const inline = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => script)
  return policyWith(
    ["script-src 'self'", ...inline.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)].join(' ')
  )
}

function policyWith(scripts: string): string {
  return [
    "default-src 'none'",
    scripts,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'"
  ].join('; ')
}
