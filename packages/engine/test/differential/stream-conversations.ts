/** What clients that wait for entries of streams, and those who add them, say in turn; see `Conversation.run`. */
export const STREAM_CONVERSATIONS: Readonly<Record<string, string>> = {
  'all who wait for a stream get what comes': `
    A XREAD BLOCK 0 STREAMS s $
    B XREAD BLOCK 0 COUNT 1 STREAMS s 0
    C XADD s 1-1 f v
    A XREAD BLOCK 0 STREAMS s 1-1
    B XREAD BLOCK 0 STREAMS s $
    C XADD s 2-1 f v g w
    C XLEN s`,
  'what is there is given at once': `
    A XADD s 1-1 f v
    A XREAD BLOCK 0 STREAMS s 0
    A XREAD BLOCK 0 STREAMS s +
    A XREAD COUNT 1 BLOCK 0 STREAMS s 0-1`,
  'the newest is what was newest when the wait began': `
    A XADD s 5-1 f v
    B XREAD BLOCK 0 STREAMS s $
    A MULTI
    A XADD s 6-1 f v
    A XADD s 7-1 f v
    A EXEC`,
  'several streams': `
    A XREAD BLOCK 0 STREAMS {t}a {t}b {t}c $ 0 $
    B XADD {t}c 1-1 f v
    A XREAD BLOCK 0 STREAMS {t}a {t}c $ $
    B MULTI
    B XADD {t}c 2-1 f v
    B XADD {t}a 2-1 f v
    B EXEC`,
  'another type is waited out, and what is gone as well': `
    A XREAD BLOCK 0 STREAMS s $
    B SET s string
    B DEL s
    B RPUSH s x
    B DEL s
    B XGROUP CREATE s g $ MKSTREAM
    B DEL s
    B XADD s 1-1 f v`,
  'a stream that comes by another name': `
    A XREAD BLOCK 0 STREAMS {t}s 0
    B XADD {t}x 3-3 f v
    B RENAME {t}x {t}s`,
  'one of the streams has become another type': `
    A XREAD BLOCK 0 STREAMS {t}a {t}b $ $
    B SET {t}a string
    B XADD {t}b 1-1 f v`,
  'readers of a group share what comes': `
    A XGROUP CREATE s g $ MKSTREAM
    A XREADGROUP GROUP g alice BLOCK 0 COUNT 1 STREAMS s >
    B XREADGROUP GROUP g bob BLOCK 0 COUNT 1 STREAMS s >
    C XADD s 1-1 f v
    C XPENDING s g
    C XADD s 2-1 f v
    C XPENDING s g
    C XINFO GROUPS s`,
  'two entries for three readers, in one transaction': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 COUNT 1 STREAMS s >
    B XREADGROUP GROUP g b BLOCK 0 COUNT 1 STREAMS s >
    C XREADGROUP GROUP g c BLOCK 0 COUNT 1 STREAMS s >
    D MULTI
    D XADD s 1-1 f v
    D XADD s 2-1 f v
    D EXEC
    D XPENDING s g
    D XADD s 3-1 f v`,
  'without acknowledgement': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a NOACK BLOCK 0 STREAMS s >
    B XADD s 1-1 f v
    B XPENDING s g`,
  'what is pending is given at once': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s 0`,
  'a group that is destroyed': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s >
    B XREAD BLOCK 0 STREAMS s $
    C XGROUP DESTROY s g
    C XADD s 1-1 f v`,
  'a stream that is deleted while its group is read': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s >
    B DEL s`,
  'a stream that becomes a string while its group is read': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s >
    B SET s string`,
  'a stream that is deleted and made anew in one transaction': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s >
    B MULTI
    B DEL s
    B XGROUP CREATE s g 0 MKSTREAM
    B XADD s 1-1 f v
    B EXEC`,
  'everything is flushed': `
    A XGROUP CREATE s g 0 MKSTREAM
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s >
    B XREAD BLOCK 0 STREAMS s $
    C FLUSHALL
    C XADD s 1-1 f v`,
  'in a transaction nobody waits': `
    A XGROUP CREATE s g 0 MKSTREAM
    A MULTI
    A XREAD BLOCK 0 STREAMS s $
    A XREADGROUP GROUP g a BLOCK 0 STREAMS s >
    A EXEC`,
  'who waits is unblocked': `
    A XREAD BLOCK 0 STREAMS s $
    B CLIENT UNBLOCK $A
    A XREAD BLOCK 0 STREAMS s $
    B CLIENT UNBLOCK $A ERROR
    B XADD s 1-1 f v`,
  'a list and a stream under one name': `
    A BLPOP k 0
    B XREAD BLOCK 0 STREAMS k $
    C XADD k 1-1 f v
    C DEL k
    C RPUSH k x`
}
