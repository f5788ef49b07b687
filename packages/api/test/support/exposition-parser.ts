/** One metric as a scraper reads it. Samples keep their full name, with the suffixes of a histogram. */
export type ParsedFamily = {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y
const numberWord = /^(?:[+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

/**
 * Reads the text format of Prometheus, version 0.0.4, as strictly as its documents say: one HELP and one TYPE before the samples of a
 * metric, which stand together; names, escapes and numbers as allowed; no sample twice; histograms whole and cumulative. Throws otherwise.
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, ParsedFamily>()
  let helpOf: { name: string; help: string } | undefined
  let current: ParsedFamily | undefined
  const seen = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const bad = (why: string) => new Error(`${why}: ${line}`)
    const [, help, name = '', words = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (help === 'HELP') {
      if (families.has(name)) throw bad('a second HELP')
      helpOf = { name, help: words }
    } else if (help === 'TYPE') {
      if (helpOf?.name !== name) throw bad('TYPE without its HELP')
      if (!['gauge', 'counter', 'histogram'].includes(words)) throw bad('an unknown type')
      if ((words === 'counter') !== name.endsWith('_total')) throw bad('counters, and they alone, end in _total')
      current = { name, type: words, help: helpOf.help, samples: [] }
      families.set(name, current)
    } else {
      const [, sampleName = '', labelText, value = ''] = sampleLine.exec(line) ?? []
      if (sampleName === '') throw bad('neither a comment nor a sample')
      const suffix = current === undefined ? undefined : sampleName.slice(current.name.length)
      const suffixes = current?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      if (!current || !sampleName.startsWith(current.name) || !suffixes.includes(suffix ?? 'none')) throw bad('a sample of another metric')
      if (!numberWord.test(value)) throw bad('not a number')
      const labels = labelsOf(labelText ?? '', bad)
      const identity = `${sampleName} ${JSON.stringify(Object.entries(labels).sort())}`
      if (seen.has(identity)) throw bad('a sample twice')
      seen.add(identity)
      const number = value.endsWith('Inf') ? (value.startsWith('-') ? -1 : 1) * Number.POSITIVE_INFINITY : Number(value)
      if (current.type !== 'gauge' && !(number >= 0)) throw bad('a counter below zero')
      current.samples.push({ name: sampleName, labels, value: number })
    }
  }
  for (const family of families.values()) {
    if (family.samples.length === 0) throw new Error(`${family.name} has no samples`)
    if (family.type === 'histogram') checkHistogram(family)
  }
  return families
}

function labelsOf(text: string, bad: (why: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  let at = 0
  while (at < text.length) {
    const [whole, name = '', value = '', end] = labelPair.exec(text) ?? []
    if (whole === undefined || name.startsWith('__') || Object.hasOwn(labels, name)) throw bad('labels that cannot be read')
    labels[name] = value.replaceAll(/\\(.)/g, (_all, sign) => (sign === 'n' ? '\n' : sign))
    at = labelPair.lastIndex
    if ((end === ',') === (at === text.length)) throw bad('a comma too many or too few')
  }
  return labels
}

function checkHistogram({ name, samples }: ParsedFamily): void {
  const groups = new Map<string, { bounds: [number, number][]; count: number | undefined; sum: number | undefined }>()
  for (const sample of samples) {
    const { le, ...others } = sample.labels
    const id = JSON.stringify(Object.entries(others).sort())
    const group = groups.get(id) ?? { bounds: [], count: undefined, sum: undefined }
    groups.set(id, group)
    if (sample.name.endsWith('_bucket')) group.bounds.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), sample.value])
    else if (sample.name.endsWith('_count')) group.count = sample.value
    else group.sum = sample.value
  }
  for (const { bounds, count, sum } of groups.values()) {
    const [lastBound, lastCount] = bounds.at(-1) ?? [0, 0]
    if (lastBound !== Number.POSITIVE_INFINITY || lastCount !== count || sum === undefined) throw new Error(`${name} is not whole`)
    for (let i = 1; i < bounds.length; i++)
      if (!((bounds[i]?.[0] ?? 0) > (bounds[i - 1]?.[0] ?? 0)) || (bounds[i]?.[1] ?? 0) < (bounds[i - 1]?.[1] ?? 0))
        throw new Error(`${name} is not cumulative`)
  }
}
