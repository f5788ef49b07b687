/** The text format of Prometheus, version 0.0.4, for figures that are read when they are asked for. */

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export type Labels = Readonly<Record<string, string | number>>

/** One metric with its samples. `suffix` is for histograms: `_bucket`, `_sum`, `_count`. */
export type Family = {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}
export type Sample = { readonly labels: Labels; readonly value: number; readonly suffix?: '_bucket' | '_sum' | '_count' }

/** Families of one name (of several clusters, say) become one; those without samples are left out. */
export function exposition(families: Iterable<Family>): string {
  const byName = new Map<string, { readonly family: Family; readonly lines: string[] }>()
  for (const family of families) {
    if (family.samples.length === 0) continue
    const known = byName.get(family.name) ?? { family, lines: [] }
    byName.set(family.name, known)
    for (const sample of family.samples) known.lines.push(lineOf(family.name, sample))
  }
  let text = ''
  for (const { family, lines } of byName.values())
    text += `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n${lines.join('\n')}\n`
  return text
}

/** Collects samples of one metric; a value that is not known (null, NaN) is left out, never 0. */
export function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string
): Family & { add(value: number | null, labels?: Labels): void } {
  const samples: Sample[] = []
  return {
    name,
    type,
    help,
    samples,
    add: (value, labels = {}) => {
      if (value !== null && !Number.isNaN(value)) samples.push({ labels, value })
    }
  }
}

function lineOf(name: string, { labels, value, suffix }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`)
  return `${name}${suffix ?? ''}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberOf(value)}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function numberOf(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
