// The command itself, as a terminal sees it. No browser is needed.
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { freePorts } from './fixtures/free-ports.ts'
import { expect, test } from './fixtures/journey.ts'
import { command } from './fixtures/slotscope.ts'

/** Runs the command with options that must make it end at once. */
function refused(args: readonly string[]): { readonly code: number | null; readonly lines: readonly string[]; readonly stdout: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8', timeout: 20_000, input: '' })
  return { code: status, lines: stderr.trim().split('\n'), stdout }
}

test('it prints every node and one login link, and ends within 2 s of Ctrl-C', async ({ slotscope }) => {
  expect(slotscope.addresses).toHaveLength(6)
  expect(slotscope.process.output.match(/#login=/g)).toHaveLength(1)
  const tookMs = await slotscope.process.stop({ signal: 'SIGINT', withinMs: 5_000 })
  expect(tookMs).toBeLessThan(2_000)
  expect(slotscope.process.exit).toMatch(/code (0|130)|SIGINT/)
})

test.describe('bad options are one clear line and exit code 2', () => {
  for (const args of [
    ['--no-such-option'],
    ['--shards', 'many'],
    ['--shards', '0'],
    ['--port', '70000'],
    ['--databases', '-1'],
    ['no-such-command']
  ]) {
    test(args.join(' '), () => {
      const { code, lines, stdout } = refused([...args, '--no-open'])
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(args[0])
      expect(stdout).toBe('')
      expect(code).toBe(2)
    })
  }

  test('a port in use', async () => {
    const port = await freePorts(1)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    try {
      const { code, lines } = refused(['--no-open', '--http', String(port)])
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(String(port))
      expect(code).toBe(2)
    } finally {
      server.close()
    }
  })
})
