import { describe, expect, test } from 'vitest'
import { isCommon } from './common-passwords.ts'

describe('[T12] passwords that guessers try first', () => {
  test.each([
    'Password1234',
    'P@ssw0rd2026!',
    'passwordpassword',
    '123456789012',
    '098765432109',
    'qwertyuiop12',
    'admin1234admin',
    'Welcome2025!!',
    'iloveyou1234',
    'letmein12345',
    'changeme1234',
    '1q2w3e4r5t6y',
    '1qaz2wsx3edc',
    'valkey-cluster',
    'abcdefghi123',
    'Summer2026!!!!'
  ])('%s', (password) => expect(isCommon(password)).toBe(true))

  test.each([
    'correct horse battery',
    'canary correct horse',
    '8493-2948-1837',
    'Xk9#mQ2$vL7p',
    'der Mond ist aufgegangen',
    '密码很长而且不常见的一句话'
  ])('not %s', (password) => expect(isCommon(password)).toBe(false))
})
