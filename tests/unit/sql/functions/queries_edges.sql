assert_true(1 < 2)
assert_true(1 < 2, 'x')
to_binary('ab')
to_binary('ab', 'hex')
try_to_binary('zz', 'hex')
try_to_binary('ab')
negative(5)
- 5
-(id) from range(2)
negative(id) from range(2)
exp(id) from range(-5,30)
expm1(id) from range(-5,30)
cosh(id/3D) from range(-5,30)
sinh(id/3D) from range(-5,30)
tanh(id/3D) from range(-5,30)
log2(id) from range(-1,40)
log10(id) from range(-1,40)
log1p(id) from range(-1,40)
ln(id) from range(-1,40)
log(3, id) from range(-1,40)
asinh(id/3D) from range(-5,30)
acosh(id/3D) from range(-5,30)
atanh(id/30D) from range(-31,32)
sin(id/3D) from range(-5,30)
cos(id/3D) from range(-5,30)
tan(id/3D) from range(-5,30)
asin(id/30D) from range(-31,32)
acos(id/30D) from range(-31,32)
atan(id/3D) from range(-5,30)
power(id/3D, 2.5) from range(-5,30)
cbrt(id) from range(-5,30)
sqrt(id) from range(-5,30)
hypot(id, 3.5) from range(-5,30)
atan2(id, 3.5) from range(-5,30)
degrees(id/7D) from range(-5,30)
radians(id) from range(-5,30)
cot(id/7D) from range(-5,30)
sec(id/7D) from range(-5,30)
csc(id/7D) from range(-5,30)
asinh(cast('-inf' as double)), acosh(cast('nan' as double)), asinh(1e300), asinh(-1e10), acosh(1e200), atanh(1.0), log1p(-1), log2(cast('nan' as double)), exp(800), sinh(-0.0D), cosh(1000)
instr('aabcabd', 'b', 1)
instr('aabcabd', 'b', 1, 2)
regexp_replace('100-200', '(\\d+)', '--', 5)
reverse(X'CAFE')
reverse(cast(null as binary))
reverse(5)
to_char(78.12, '$99.99')
to_char(78.12D, '$99.99')
to_char(X'CAFE', 'hex')
to_char(X'CAFE', 'base64')
to_char(X'CAFE', 'utf-8')
to_char(X'CAFE', 'foo')
to_char('12', '99')
to_char(date'2020-01-02', 'yyyy')
to_varchar(X'CAFE', 'hex')
to_varchar(1.5e0, '9.9')
make_timestamp(date'2014-12-28', time'06:30:45.887')
make_timestamp(date'2014-12-28', time'06:30:45.887', 'CET')
make_timestamp(2014, 12, 28, 6, 30, 45.887)
make_timestamp_ntz(date'2014-12-28', time'06:30:45.887')
make_timestamp_ltz(date'2014-12-28', time'06:30:45.887')
make_timestamp_ltz(date'2014-12-28', time'06:30:45.887', 'CET')
try_make_timestamp(date'2014-12-28', time'06:30:45.887')
try_make_timestamp_ntz(date'2014-12-28', time'06:30:45.887')
try_make_timestamp(2014, 12, 28, 6, 30, 45.887, 'CET')
try_make_timestamp(2014, 13, 28, 6, 30, 45.887)
try_make_timestamp_ltz(2014, 12, 28, 6, 30, 45.887, 'CET')
try_make_timestamp_ntz(2014, 12, 28, 6, 30, 45.887)
make_timestamp(1, 2)
make_timestamp(1, 2, 3, 4)
uuid(null) is not null
length(uuid())
uuid('a')
try_avg(x) from values (11111111111111111111111111111111111111BD), (0BD) t(x)
try_sum(x) from values (11111111111111111111111111111111111111BD), (11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD),(11111111111111111111111111111111111111BD) t(x)
try_sum(x) from values (99999999999999999999999999999999999999BD), (99999999999999999999999999999999999999BD) t(x)
try_avg(x) from values (99999999999999999999999999999999999999BD), (99999999999999999999999999999999999999BD) t(x)
avg(x) from values (11111111111111111111111111111111111111BD), (0BD) t(x)
avg(x) from values (1111111111111111111111111111111111BD), (0BD) t(x)
try_sum(x) from values (9223372036854775807), (1) t(x)
try_sum(x) from values (interval '106751991' day), (interval '106751991' day) t(x)
try_avg(x) from values (interval '106751991' day), (interval '106751991' day) t(x)
try_avg(x) from values (interval '178956970' year), (interval '178956970' year) t(x)
try_avg(x) from values (interval '10000' year), (interval '178956970' month) t(x)
try_sum(x) from values (interval '178956970' year), (interval '178956970' year) t(x)
sum(x) from values (interval '178956970' year), (interval '178956970' year) t(x)
approx_count_distinct(id) from range(10)
approx_count_distinct(id, 0.1) from range(1000)
approx_count_distinct(id) from range(100000)
approx_count_distinct(id, 0.01) from range(100000)
approx_count_distinct(id, 0.2) from range(100000)
approx_count_distinct(cast(id as string)) from range(5000)
approx_count_distinct(id % 7, 0.3) from range(5000)
-- set spark.sql.ansi.enabled=false
avg(x) from values (11111111111111111111111111111111111111BD), (0BD) t(x)
try_avg(x) from values (11111111111111111111111111111111111111BD), (0BD) t(x)
try_to_binary('malformed', 'hex')
make_timestamp_ntz(date'2014-12-28', time'06:30:45.887')
to_char(78.12D, '$99.99')
to_char('78.12', '$99.99')
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', -1)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', -1, 2)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', -3)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', -4)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', -5)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', -50)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 0)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 4)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 7)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 6)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 60)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 1, 0)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 1, -1)
-- set spark.sql.ansi.enabled=true
instr('aaaa', 'aa', 1, 2)
-- set spark.sql.ansi.enabled=true
instr('aaaa', 'aa', 1, 3)
-- set spark.sql.ansi.enabled=true
instr('aaaa', 'aa', -1, 2)
-- set spark.sql.ansi.enabled=true
instr('aaaa', 'aa', -1, 1)
-- set spark.sql.ansi.enabled=true
instr('aaaa', '', 2, 1)
-- set spark.sql.ansi.enabled=true
instr('aaaa', '', 1, 2)
-- set spark.sql.ansi.enabled=true
instr('aaaa', '', -1)
-- set spark.sql.ansi.enabled=true
instr('', '', 1)
-- set spark.sql.ansi.enabled=true
instr('', 'a', 1)
-- set spark.sql.ansi.enabled=true
instr(null, 'a', 1)
-- set spark.sql.ansi.enabled=true
instr('a', 'a', null)
-- set spark.sql.ansi.enabled=true
instr('a', 'a', 1, null)
-- set spark.sql.ansi.enabled=true
instr('a😀b😀', '😀', 3)
-- set spark.sql.ansi.enabled=true
instr('a😀b😀', '😀', -1)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'B', 1, 1)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'abd', -1)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'abd', -2)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'abd', -3)
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', '1')
-- set spark.sql.ansi.enabled=true
instr('aabcabd', 'b', 1L)
