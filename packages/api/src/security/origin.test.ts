import { describe, expect, test } from 'vitest'
import { Doors } from './origin.ts'

const doors = new Doors(() => 7400, ['console.example', 'other.example:8443'])

describe('[T2] names under which we answer', () => {
  test.each([
    '127.0.0.1:7400',
    'localhost:7400',
    'LOCALHOST:7400',
    '[::1]:7400',
    'console.example',
    'console.example:9999',
    'other.example:8443'
  ])('allows %s', (host) => expect(doors.allowsHost(host)).toBe(true))
  test.each([
    undefined,
    '',
    'evil.example',
    'evil.example:7400',
    '127.0.0.1',
    '127.0.0.1:7401',
    '127.0.0.1:07400',
    '127.0.0.1.:7400',
    'localhost.:7400',
    'localhost.evil.example:7400',
    '127.0.0.1:7400.evil.example',
    '10.0.0.1:7400',
    '0.0.0.0:7400',
    '[::]:7400',
    '2130706433:7400',
    'other.example',
    'other.example:8444',
    'console.example.evil:80',
    'evilconsole.example',
    'console.example@evil.example'
  ])('refuses %s', (host) => expect(doors.allowsHost(host)).toBe(false))
})

describe('[T3] origins that are our own page', () => {
  test('the page that this very host serves', () => {
    expect(doors.allowsOrigin('http://127.0.0.1:7400', '127.0.0.1:7400')).toBe(true)
    expect(doors.allowsOrigin('http://localhost:7400', 'LOCALHOST:7400')).toBe(true)
    expect(doors.allowsOrigin('https://console.example', 'console.example')).toBe(true)
  })
  test.each([
    'null',
    '',
    'http://127.0.0.1',
    'http://127.0.0.1:7401',
    'https://127.0.0.1:7400',
    'http://localhost:7400',
    'http://[::1]:7400',
    'http://127.0.0.1:7400/',
    'http://127.0.0.1:7400.evil.example',
    'http://127.0.0.1:74000',
    'http://evil.example/127.0.0.1:7400',
    'http://evil.example#127.0.0.1:7400',
    'http://user@127.0.0.1:7400',
    'HTTP://127.0.0.1:7400',
    'ws://127.0.0.1:7400',
    'file://',
    'chrome-extension://abcdef',
    'http://127.0.0.1:7400 ',
    'http://127.0.0.1:7400, http://evil.example',
    'http://xn--127-0-0-1:7400'
  ])('refuses %s', (origin) => expect(doors.allowsOrigin(origin, '127.0.0.1:7400')).toBe(false))
})
