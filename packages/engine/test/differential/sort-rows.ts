/** SORT and SORT_RO, in the form of `rows.valkey.test.ts`. */
export const SORT_ROWS: Readonly<Record<string, string>> = {
  'SORT: options': `
    SORT {t}zz
    SORT {t}zz LIMIT a b
    SORT {t}zz LIMIT 1
    SORT {t}zz BY
    SORT {t}zz BY w_*
    SORT {t}zz BY {t}w_* GET u_*
    SORT {t}zz BY {t*}w_*
    SORT {t}zz BY {t}w_? GET #
    SORT {t}zz BY {u}nosort
    SORT {t}zz GET {u}a
    SORT {t}zz GET {t}a
    SORT {t}zz GET abc
    SORT {t}zz GET ##
    SORT {t}zz GET {}t*
    SORT {t}zz GET
    SORT {t}zz STORE
    SORT_RO {t}zz STORE {t}q
    SORT {t}zz STORE {u}q
    SORT {t}zz STORE {u}q STORE {t}q
    SORT {t}zz STORE {t}q STORE {u}q
    SORT {t}zz BY store {u}x
    SORT {t}zz FOO
    SORT {t}zz LIMIT 0 STORE {u}a
    SORT {t}zz limit store {u}a
    SET {t}s x
    SORT {t}s
    SORT {t}s FOO
    RPUSH {t}l 3 1 2
    SORT {t}l
    SORT {t}l DESC ASC
    SORT {t}l DESC
    SORT {t}l LIMIT 1 1
    SORT {t}l LIMIT -1 2
    SORT {t}l LIMIT 0 -5
    SORT {t}l LIMIT 5 5
    SORT {t}l LIMIT 1 0
    SORT {t}l LIMIT 9223372036854775807 9223372036854775807
    SORT {t}l BY nosort LIMIT 1 1
    SORT {t}l BY nosort DESC LIMIT 0 2
    SORT {t}l BY nosort LIMIT 5 2
    SORT {t}l BY nosort LIMIT 1 0 STORE {t}q
    EXISTS {t}q
    RPUSH {t}m 1 a 2
    SORT {t}m
    SORT {t}m ALPHA
    SORT {t}m LIMIT 0 0`,
  'SORT: numbers and names': `
    RPUSH {t}n 0x10 1e3 inf -inf +5 5 05 .5
    SORT {t}n
    RPUSH {t}o nan
    SORT {t}o
    DEL {t}o
    RPUSH {t}o 1e400
    SORT {t}o
    DEL {t}o
    RPUSH {t}o 1e-400 0
    SORT {t}o
    DEL {t}o
    RPUSH {t}o ""
    RPUSH {t}o 1
    SORT {t}o
    DEL {t}o
    RPUSH {t}o 5x
    SORT {t}o
    SORT {t}o BY {t}w*
    SET {t}w5x abc
    SORT {t}o BY {t}w*
    SORT {t}o BY {t}w* ALPHA
    HSET {t}h5x f 1 g 2
    SORT {t}o BY {t}h*->f GET # GET {t}h*->g GET {t}h*-> GET {t}h*->q GET {t}w* GET {t}nope*
    SORT {t}o BY {t}h*->
    SORT {t}o BY {t}h->*f
    SORT {t}o GET {t}h->f*
    SADD {t}set c b a 10 9
    SORT {t}set BY nosort STORE {t}q
    LRANGE {t}q 0 -1
    SORT {t}set ALPHA DESC
    ZADD {t}z 1 c 2 b 3 a
    SORT {t}z BY nosort
    SORT {t}z BY nosort DESC
    SORT {t}z BY nosort DESC LIMIT 1 1
    SORT {t}z ALPHA
    SORT {t}z BY {t}nokey* DESC
    SORT {t}z BY {t}nokey*
    SORT {t}z GET {t}nokey* STORE {t}q
    LRANGE {t}q 0 -1
    SORT {t}zz STORE {t}q
    EXISTS {t}q
    RPUSH {t}al a B A b \xc4 z _ \xe9
    SORT {t}al ALPHA
    SORT {t}al ALPHA STORE {t}q
    LRANGE {t}q 0 -1
    OBJECT ENCODING {t}z
    SET {t}wa 1
    SET {t}wb notnum
    SORT {t}z BY {t}w*
    COMMAND GETKEYS SORT {t}a BY x GET y STORE q
    COMMAND GETKEYS SORT a LIMIT 0 STORE x
    COMMAND GETKEYS SORT a STORE x STORE y
    COMMAND GETKEYS SORT a STORE
    COMMAND GETKEYS SORT a GET STORE b STORE c
    COMMAND GETKEYS SORT a STORE BY x y
    COMMAND GETKEYS SORT a STORE STORE x
    COMMAND GETKEYSANDFLAGS SORT a STORE x
    COMMAND GETKEYS SORT_RO a STORE x
    DEL {t}o
    RPUSH {t}o 1e308 -1e308 inf -inf +5 05 5 .5 5. 0e-999 -0 0 4.9e-324 00 1E5
    SORT {t}o
    SORT {t}o DESC
    RPUSH {t}o \x005
    SORT {t}o
    DEL {t}o
    RPUSH {t}o 5\x00x 4\x00 6
    SORT {t}o
    DEL {t}o
    RPUSH {t}o a\x00 a b\x00 b
    SORT {t}o ALPHA STORE {t}q
    LRANGE {t}q 0 -1
    DEL {t}o
    RPUSH {t}o 0x10
    SORT {t}o
    SET {t}k1 2
    SET {t}k2 1
    SET {t}k3 abc
    DEL {t}o
    RPUSH {t}o 1 2 3
    SORT {t}o BY {t}k* ALPHA
    SORT {t}o BY {t}k* ALPHA DESC
    SORT {t}o BY {t}k* ALPHA LIMIT 1 1
    SORT {t}o BY {t}k*
    SORT {t}o BY {t}k* GET # STORE {t}q
    SORT {t}o BY {t}k* GET # ALPHA STORE {t}q
    SORT {t}o BY nosort GET # GET {t}k* GET {t}nope* GET {t}nostar STORE {t}o
    LRANGE {t}o 0 -1
    OBJECT ENCODING {t}o
    SORT_RO {t}o BY nosort GET # GET {t}k* GET {t}nope* GET {t}nostar
    many 3000 RPUSH {t}big
    SORT {t}big DESC STORE {t}q
    OBJECT ENCODING {t}q
    SORT {t}big LIMIT 0 10 STORE {t}q
    OBJECT ENCODING {t}q
    SORT {}abc GET {}abc
    SORT {}abc GET {}ab*
    SORT {}{t} GET {}{t}
    SORT {}{t} GET {}{t}*
    SORT {t}abc GET a{t}*
    SORT {{t}abc GET {{t}*
    SORT {t}o BY {t}[*
    SORT {t}o GET {t}?\x00*
    SORT {t}o BY {t}\x00*
    SORT {t}zz GET #\x00
    COMMAND GETKEYSANDFLAGS SORT a STORE x
    ZADD {t}pk 1 a 2 b
    OBJECT ENCODING {t}pk
    SORT_RO {t}pk ALPHA
    OBJECT ENCODING {t}pk
    hide {t}h5x f
    RPUSH {t}hid 5x
    SORT {t}hid BY nosort GET {t}h*->f GET {t}h*->g`
}
