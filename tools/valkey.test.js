import { expect, test } from 'vitest'
import { debianMirror, libraryClosure } from './valkey.js'

test.each([
  ['the one-line format', 'deb http://mirror.example/debian bookworm main\n'],
  [
    'the one-line format with options',
    '# deb http://no.example/debian x\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main\n'
  ],
  ['the other format', 'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n'],
  ['several addresses on a line', 'URIs: http://security.example/debian-security http://mirror.example/debian\n'],
  ['other archives before it', 'deb https://other.example/apt stable main\ndeb http://mirror.example/debian bookworm main\n']
])('the Debian mirror is found in %s', (_, sources) => {
  expect(debianMirror(sources)).toBe('http://mirror.example/debian')
})

test('archives of other systems are no Debian mirror', () => {
  expect(debianMirror('deb http://archive.example/ubuntu noble main\nURIs: http://security.example/debian-security\n')).toBeUndefined()
})

test('all libraries below the programs are wanted, and nothing else', async () => {
  /** @type {Record<string, string>} */
  const listings = {
    'valkey-server':
      'valkey-server\n  PreDepends: init-system-helpers\n  Depends: libc6\n |Depends: libssl3t64\n  Depends: libssl-other\n  Depends: <virtual>\n    real\n',
    'valkey-tools': 'valkey-tools\n  Depends: adduser\n  Depends: libc6\n',
    libc6: 'libc6\n  Depends: libgcc-s1\n',
    'libgcc-s1': 'libgcc-s1\n  Depends: libc6\n',
    libssl3t64: 'libssl3t64\n  Depends: zlib1g:any\n',
    zlib1g: 'zlib1g\n  Depends: libc6\n'
  }
  const closure = await libraryClosure(async (names) => names.map((name) => listings[name]).join(''))
  expect([...closure].sort()).toEqual(['libc6', 'libgcc-s1', 'libssl3t64', 'valkey-server', 'valkey-tools', 'zlib1g'])
})
