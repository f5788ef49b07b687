/** Words that most of the long passwords which leaked are made of, and rows of keyboards. */
const words =
  /p[a@4][s$5]{2}w[o0]r[dt]|passphrase|[a@4]dm[i1]n(?:istrator)?|r[o0]{2}t|welcome|letmein|iloveyou|sunshine|princess|football|baseball|superman|dragon|monkey|master|shadow|trustno1|changeme|default|secret|login|access|test|demo|qwert[yz](?:uiop)?|asdf(?:ghjkl)?|[zy]xcv(?:bnm)?|1q2w3e4r(?:5t6y)?|1qaz2wsx(?:3edc)?|abc(?:def)?(?:ghi)?|valkey|redis|cluster|slotscope|company|summer|winter|spring|autumn/g
/** Years, and a sign three times or more. */
const fillings = /(?:19|20)\d\d|(.)\1{2,}/g
const digits = '0123456789'.repeat(4)
/** So many signs must be left that are none of those. */
const LEAST_OWN = 5

/** True for a password of common words, rows of keys, years, runs of digits and not much else: those are what guessers try first. */
export function isCommon(password: string): boolean {
  const rest = password
    .toLowerCase()
    .replace(words, '')
    .replace(fillings, '')
    .replace(/\d{3,}/g, (run) => (isRun(run) ? '' : run))
  return [...rest].length < LEAST_OWN
}

function isRun(run: string): boolean {
  return digits.includes(run) || [...digits].reverse().join('').includes(run)
}
