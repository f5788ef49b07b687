import { expect, test } from 'vitest'
import { databaseWords } from './database-words.ts'

test('a database has its number, and its name where somebody gave it one', () => {
  expect(databaseWords(3, undefined)).toBe('db3')
  expect(databaseWords(3, { '2': 'cache' })).toBe('db3')
  expect(databaseWords(2, { '2': 'cache' })).toBe('db2 cache')
})
