// `node tools/build-if-needed.js` builds when outputs are missing or the sources differ from those that were built; otherwise it
// is silent.
import { build, reasonToBuild, sourceFingerprint } from './build.js'
import { main } from './program.js'

await main('build', async () => {
  const fingerprint = sourceFingerprint()
  const reason = reasonToBuild(fingerprint)
  if (reason === undefined) return
  /** @param {string} line */
  const say = (line) => process.stdout.write(`build: ${line}\n`)
  const startedAtMs = Date.now()
  say(`${reason}, so this start takes a moment longer`)
  await build({ say, fingerprint })
  say(`done in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`)
})
