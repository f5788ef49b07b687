import type { RouteRule } from '../security/gate.ts'
import { type Operation, operationsOf } from './openapi.ts'

/** The document to be read: one page without a script, under the same policy as everything else. */
export function docsPage(rules: readonly RouteRule[]): string {
  const operations = operationsOf(rules)
  const groups = grouped(operations)
  const contents = [...groups.keys()].map((name) => `<li><a href="#${anchor(name)}">${escaped(name)}</a></li>`).join('')
  const sections = [...groups].map(
    ([name, some]) => `<section><h2 id="${anchor(name)}">${escaped(name)}</h2>${some.map(article).join('')}</section>`
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slotscope: the api</title><link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/api/docs/style.css"></head>
<body><main><h1>The api of Slotscope</h1>
<p>Bytes (keys, fields, values) are base64url without padding. Everything but GET carries <code>content-type: application/json</code> and
<code>x-slotscope: 1</code>. Failures are <code>{ error, message, details? }</code>. For machines: <a href="/api/docs/openapi.json">OpenAPI 3.1</a>.</p>
<nav aria-label="Contents"><ul>${contents}</ul></nav>
${sections.join('\n')}</main></body></html>
`
}

function article(operation: Operation): string {
  const { method, path, says, role, parameters, body, answer, statuses } = operation
  const { status = 200, type = 'application/json', body: schema } = answer
  const rows = parameters.map(
    (one) =>
      `<tr><td><code>${escaped(one.name)}</code></td><td>${one.in}${one.required ? '' : ', optional'}</td><td><code>${escaped(JSON.stringify(one.schema))}</code></td></tr>`
  )
  return [
    `<article><h3><code><b>${method}</b> ${escaped(path)}</code></h3><p>${escaped(says)}</p>`,
    `<p>Least role: <b>${role}</b>. Failures: ${statuses.join(', ')}.</p>`,
    rows.length === 0
      ? ''
      : `<table><thead><tr><th>parameter</th><th>where</th><th>schema</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
    body === undefined ? '' : details(`Body${body.required ? '' : ' (may be absent)'}`, body.schema),
    schema === undefined
      ? `<p>Answer: ${status}${status === 204 || status === 101 ? '' : `, ${escaped(type)}`}.</p>`
      : details(`Answer ${status}`, schema),
    '</article>'
  ].join('')
}

function details(title: string, schema: unknown): string {
  const text = JSON.stringify(schema, (key, value) => (key.startsWith('~') ? undefined : value), 2)
  return `<details><summary>${title}</summary><pre>${escaped(text)}</pre></details>`
}

function groupOf({ path }: Operation): string {
  const words = path
    .replace('/api/clusters/{cluster}/', '')
    .replace('/api/', '')
    .split('/')
    .filter((word) => word !== '')
  return path.startsWith('/api/clusters/{cluster}/') ? `clusters: ${words[0]}` : (words[0] ?? '')
}

function grouped(operations: readonly Operation[]): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) groups.set(groupOf(operation), [...(groups.get(groupOf(operation)) ?? []), operation])
  return groups
}

function anchor(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/gi, '-')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export const docsStyle = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h2 { margin-top: 3rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
h3 { margin-bottom: 0; font-weight: 400; overflow-wrap: anywhere }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0; list-style: none }
article { margin: 1.5rem 0 }
p { margin: 0.25rem 0 }
code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { overflow: auto; max-height: 30rem; padding: 0.75rem; background: color-mix(in srgb, currentColor 6%, transparent); border-radius: 6px }
table { border-collapse: collapse; margin: 0.5rem 0; max-width: 100% }
td, th { text-align: left; vertical-align: top; padding: 0.2rem 1rem 0.2rem 0; overflow-wrap: anywhere }
`
