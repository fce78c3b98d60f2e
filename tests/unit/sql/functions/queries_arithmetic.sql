1 + 2, 1Y + 2Y, 1 + 2L, 1 + 1.5, 1.10 + 2.225, 1.5D + 1, '1' + 1, '1.5' + 1.5D, 1F + 1, 1.0 + 1D, NULL + 1, -5 % 3, 5 % -3, 5.5 % 2, 7 / 2, 7.0 / 2, 1 / 3.0, '6' / 2
1.1 * 2.2, CAST(1.1 AS DECIMAL(38,10)) * CAST(2.2 AS DECIMAL(38,10)), CAST(1 AS DECIMAL(38,18)) / 3, 10 / 4.00, 2.5 % 1.1, CAST(10 AS DECIMAL(38,0)) / 3, CAST(1 AS DECIMAL(10,2)) / CAST(3 AS DECIMAL(10,2))
typeof(1Y + 1), typeof(1 * 1.5), typeof(CAST(1 AS DECIMAL(10,2)) * CAST(1 AS DECIMAL(10,2))), typeof(CAST(1 AS DECIMAL(38,10)) + CAST(1 AS DECIMAL(38,5))), typeof(1L / 2.00), typeof(5 % 2.5), typeof(1.0 - 1), typeof(CAST(1 AS DECIMAL(20,5)) / CAST(1 AS DECIMAL(20,5))), typeof(CAST(1 AS DECIMAL(38,20)) * CAST(1 AS DECIMAL(38,20)))
CAST('12345678901234567890.12' AS DECIMAL(38,10)) * CAST('1234567.89' AS DECIMAL(38,10))
CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) + 1
CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) * 10
CAST('12345678.12345678901234567890' AS DECIMAL(28,20)) * CAST('87654321.12345678901234567890' AS DECIMAL(28,20)), CAST('1e20' AS DECIMAL(38,0)) / CAST('0.0000003' AS DECIMAL(10,7)), CAST('-2.5' AS DECIMAL(2,1)) / CAST('0.7' AS DECIMAL(1,1))
2147483647 + 1
9223372036854775807 + 1L
127Y + 1Y
100Y * 100Y
-2147483648 - 1
9223372036854775807 * 2
1 / 0
1 % 0
1.5 / 0
1.5D / 0
1.5 % 0
-(-128Y)
abs(-2147483648)
-(1), -1.5, - '5', +5, positive(3), negative(-4), negative(1.5D), -(1Y), abs(-5), abs(-1.5), abs(-2.5D), abs('-3'), negative(INTERVAL 1 DAY), abs(INTERVAL '-1' DAY), positive(INTERVAL '1' DAY)
7 div 2, -7 div 2, 7.5 div 2, 7.9D div 2, '7' div 2, INTERVAL 100 HOUR div INTERVAL 1 DAY, INTERVAL '25' MONTH div INTERVAL '1' YEAR, 10L div 3Y
typeof(7Y div 2Y), typeof(7.5 div 2)
1 div 0
mod(7, 3), mod(-7, 3), pmod(-7, 3), pmod(7, -3), pmod(-7.5, 2), pmod(-7.5D, 2), pmod(-7, -3), mod(7.5D, 2)
pmod(1, 0)
try_add(1, 2), try_add(2147483647, 1), try_subtract(-2147483648, 1), try_multiply(2147483647, 2), try_divide(1, 0), try_divide(6, 4), try_mod(5, 0), try_mod(5, 3), try_add(DATE'2020-01-01', 1), try_add(TIMESTAMP'2020-01-01 00:00:00', INTERVAL 1 DAY), try_divide(1.5, 0), try_add(CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)), 1), try_divide(INTERVAL 2 DAY, 0), try_multiply(INTERVAL 2 DAY, 2), try_add(1.5, 1), try_add('1', 1)
5 & 3, 5 | 3, 5 ^ 3, ~5, ~0L, 5Y & 3Y, 1 | 2L, typeof(5Y & 3), bit_count(7), bit_count(-1), bit_count(-1L), bit_count(true), bit_get(11, 0), bit_get(11, 2), getbit(11, 1)
shiftleft(1, 3), shiftright(-8, 1), shiftrightunsigned(-8, 1), shiftleft(1L, 40), shiftright(-8L, 1), shiftrightunsigned(-8L, 1), shiftleft(1, 33), 1 << 3, -8 >> 1, -8 >>> 1, shiftleft(2147483647, 1), shiftleft(1, 32), shiftright(1, -1)
bit_get(1, 40)
ceil(1.2D), ceil(-1.2D), ceil(1.2), ceil(-1.25), floor(1.8D), floor(-1.2), ceiling(5), floor(5L), ceil(1.234, 2), floor(-1.235, 2), ceil(123, -1), floor(123, -2), ceil(1.2F), ceil(CAST(1.5 AS DECIMAL(38,2))), typeof(ceil(1.25)), typeof(floor(1.234, 2)), ceil(3.1411, 3), floor(3.1411, -3), typeof(ceil(1.5D, 1)), ceil(2.123D, 2)
ceil(1e20D), floor(-1e20D), ceil(DOUBLE('NaN'))
round(2.5), round(-2.5), round(2.5D), round(1.005, 2), round(1.005D, 2), round(125, -1), round(-125, -1), round(123.456, 1), round(123.456, -1), round(2.675D, 2), round(0.5D), round(1.5F, 0), round(15L, -1), round(DOUBLE('NaN'), 2), round(CAST(NULL AS INT), 1), typeof(round(123.456, 1)), typeof(round(123.456, -1)), typeof(round(9.99)), round(9.99), typeof(round(1, -1)), round(1e300D, 2), round(12345.6789D, -2), round(1234567890123456789L, -18)
bround(2.5), bround(3.5), bround(2.5D), bround(-2.5D), bround(25, -1), bround(35, -1), bround(1.005, 2), bround(1.015D, 2), bround(2.25, 1)
round(127Y, -1)
round(2147483647, -1)
sqrt(4), sqrt(-1), cbrt(27), cbrt(-8D), exp(1), exp(0), expm1(1e-10D), ln(10), ln(0), ln(-1), log(10), log(2, 8), log(0, 8), log(2, 0), log(1, 5), log10(1000), log10(0), log2(8), log2(-1), log1p(0.5), log1p(-1), log1p(-2), e(), pi()
pow(2, 10), power(2, -1), pow(0, 0), pow(-8, 0.5), pow(DOUBLE('NaN'), 0), power(2.5, 2), pow(10, 400), sqrt('4')
sin(1), cos(1), tan(1), asin(0.5), acos(0.5), atan(1), asin(2), acos(2), atan2(1, 2), atan2(-1, -1), atan2(0D, -1D), sinh(1), cosh(1), tanh(1), asinh(1), acosh(2), acosh(0.5), atanh(0.5), atanh(1), atanh(2), cot(1), cot(0), sec(1), csc(1), degrees(pi()), radians(180), hypot(3, 4), sin(DOUBLE('Infinity')), rint(2.5D), rint(3.5D), rint(-0.4D), signum(-5), sign(5.5), sign(0), sign(DOUBLE('NaN')), signum(INTERVAL '-1' DAY), csc(0), sinh(1000)
greatest(1, 5, 3), least(1, 5, 3), greatest(NULL, 2, 1), least(NULL, 2), greatest(1, 2.5), greatest('a', 'b'), greatest(DOUBLE('NaN'), 1D), least(DOUBLE('NaN'), 1D), greatest(DATE'2020-01-01', DATE'2021-01-01'), greatest(CAST(NULL AS INT), NULL), typeof(greatest(1, 2L)), greatest(array(1), array(2))
factorial(5), factorial(0), factorial(20), factorial(21), factorial(-1)
bin(13), bin(-13), bin(0L), hex(255), hex(-1), hex('Spark'), hex(X'1C'), hex(17L), unhex('537061726B'), unhex('F'), unhex('abc'), unhex('xx'), conv('100', 2, 10), conv(-10, 16, -10), conv('ff', 16, 10), conv('-1', 10, 16), conv('zz', 36, 10), conv('9223372036854775808', 10, 16), conv('11abc', 10, 16), conv('', 10, 16), conv('xyz', 10, 16), conv('10', 1, 10), conv('-15', 10, -16), conv('18446744073709551615', 10, 16)
conv('18446744073709551616', 10, 16)
width_bucket(5.3, 0.2, 10.6, 5), width_bucket(-2.1, 1.3, 3.4, 3), width_bucket(8.1, 0.0, 5.7, 4), width_bucket(-0.9, 5.2, 0.5, 2), width_bucket(5, 0, 10, 0), width_bucket(5, 5, 5, 3), width_bucket(10, 0, 10, 5), width_bucket(0, 10, 0, 5), typeof(width_bucket(5, 0, 10, 3)), width_bucket(INTERVAL '1' DAY, INTERVAL '0' DAY, INTERVAL '10' DAY, 11)
nanvl(DOUBLE('NaN'), 5), nanvl(3D, 5), isnan(DOUBLE('NaN')), isnan(1), isnan(NULL), nanvl(FLOAT('NaN'), 1)
-- dates and intervals
DATE'2020-01-31' + 1, DATE'2020-01-31' - 1, 1 + DATE'2020-01-31', DATE'2020-01-31' - DATE'2020-01-01', DATE'2020-01-31' + INTERVAL 1 MONTH, DATE'2020-01-31' + INTERVAL 1 DAY, DATE'2020-01-31' + INTERVAL 1 HOUR, DATE'2020-01-31' - INTERVAL '1' MONTH, INTERVAL 1 DAY + DATE'2020-01-31', DATE'2020-03-08' + INTERVAL '1' DAY
typeof(DATE'2020-01-31' - DATE'2020-01-01'), typeof(DATE'2020-01-31' + INTERVAL 1 DAY), typeof(DATE'2020-01-31' + INTERVAL 1 HOUR), typeof(DATE'2020-01-31' + INTERVAL '1' MONTH), typeof(TIMESTAMP'2020-01-01 00:00:00' - TIMESTAMP'2019-01-01 00:00:00'), typeof(TIMESTAMP'2020-01-01 00:00:00' - DATE'2019-01-01'), typeof(DATE'2020-01-01' + 1S), typeof(INTERVAL 1 DAY + INTERVAL 1 HOUR), typeof(INTERVAL '1' YEAR + INTERVAL '1' MONTH), typeof(INTERVAL 1 DAY * 2), typeof(INTERVAL '1' YEAR / 2), typeof(- INTERVAL 1 HOUR)
TIMESTAMP'2020-03-07 12:00:00' + INTERVAL '1' DAY, TIMESTAMP'2020-01-31 12:00:00' + INTERVAL '1' MONTH, TIMESTAMP'2020-01-31 12:00:00' - INTERVAL '1 02:00:00' DAY TO SECOND, TIMESTAMP'2020-01-01 12:00:00' - TIMESTAMP'2019-12-31 11:00:00', TIMESTAMP_NTZ'2020-01-31 12:00:00' + INTERVAL '1-1' YEAR TO MONTH, TIMESTAMP_NTZ'2020-01-31 12:00:00' - TIMESTAMP_NTZ'2020-01-01 12:00:00', TIMESTAMP'2020-01-01 12:00:00' - DATE'2020-01-01', DATE'2020-01-02' - TIMESTAMP'2020-01-01 12:00:00', INTERVAL '1' HOUR + TIMESTAMP'2020-01-31 12:00:00'
TIMESTAMP'2020-01-31 12:00:00' + make_interval(0, 1, 0, 1, 2), DATE'2020-01-31' + make_interval(0, 1), TIMESTAMP'2020-01-31 12:00:00' - make_interval(0, 1, 0, 1, 2), DATE'2020-01-31' + make_interval(0, 0, 0, 1, 2)
DATE'2020-01-31' + make_interval(0, 0, 0, 0, 2)
INTERVAL 1 DAY + INTERVAL 1 HOUR, INTERVAL '1' YEAR - INTERVAL '1' MONTH, INTERVAL 1 DAY * 2, INTERVAL 1 DAY * 1.5, 2 * INTERVAL 1 HOUR, INTERVAL 1 DAY / 2, INTERVAL '1' YEAR / 5, INTERVAL '1' YEAR * 1.5, INTERVAL 1 DAY / 3D, INTERVAL '10' SECOND / 3, - INTERVAL 1 DAY, INTERVAL '-3' MONTH * 2.5, INTERVAL 7 SECOND / 2.5, 1.5D * INTERVAL 1 MONTH
CAST(make_interval(1, 2) + make_interval(0, 0, 0, 3) AS STRING), CAST(make_interval(1, 2) * 2 AS STRING), CAST(make_interval(1, 2, 0, 3) / 2 AS STRING), CAST(make_interval(1) - make_interval(0, 1) AS STRING), CAST(-make_interval(1, 2, 0, 3) AS STRING)
INTERVAL 1 DAY / 0
DATE'2020-01-01' + 'x'
DATE'2020-01-01' + 1.5
DATE'2020-01-01' + DATE'2020-01-01'
1 + true
array(1) + 1
'x' + 1
TIMESTAMP'2020-01-01 00:00:00' + 1
'2020-01-01' - DATE'2019-12-01', DATE'2020-01-01' - '2019-12-01', '2020-01-01 01:00:00' + INTERVAL 1 DAY, '2020-01-01' - INTERVAL '1' MONTH
-- set spark.sql.ansi.enabled=false
2147483647 + 1, 9223372036854775807 * 2, 127Y + 1Y, -(-128Y), abs(-2147483648), 1 / 0, 1 % 0, 1.5 / 0, 1 div 0, pmod(1, 0), 1.5D % 0, -9223372036854775808 - 1L, 100Y * 100Y, 32767S + 1S
'1' + 1, '1.5' + 1, 'x' + 1, '7' / 2, '7' % 4, typeof('1' + 1), '7' div 2, '5' * '6'
CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) + 1, CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) * 10
ceil(1e20D), round(127Y, -1), conv('18446744073709551616', 10, 16), round(2147483647, -1), INTERVAL 1 DAY / 0, -(-2147483648), 9223372036854775807 div -1
DATE'2020-01-01' + INTERVAL 1 HOUR
-- set spark.sql.ansi.enabled=true
round(CAST(1 AS DECIMAL(38,9)), 10), typeof(round(CAST(1 AS DECIMAL(38,9)), 10)), typeof(ceil(CAST(1 AS DECIMAL(38,10)), 5)), typeof(floor(CAST(1 AS DECIMAL(38,0))))
CAST('10123456789012345678901234567890.123456' AS DECIMAL(38,6)) / 1.0, CAST(1 AS DECIMAL(38,18)) / CAST(3 AS DECIMAL(38,18)), CAST('12345678901234567890' AS DECIMAL(38,18)) / CAST('0.000000000000000007' AS DECIMAL(38,18)) IS NULL
CAST(-2147483648 AS INT) % -1, CAST(10 AS DECIMAL(10,2)) div CAST(3 AS DECIMAL(5,1)), power(1, DOUBLE('NaN')), CAST(DOUBLE('9223372036854775807') AS BIGINT), 1Y + 1F, typeof(1Y + 1F), typeof(1F / 1F), width_bucket(5.35, NULL, 10.06, 5)
SELECT round(x, 2), round(x, 0), CAST(x AS DECIMAL(18, 3)), round(x, -1) FROM VALUES (1.005D), (-2.345D), (0.285D), (1234567.005D), (-0.004D), (1e11D + 0.125D), (1e300D / 1e10D), (double('nan')) t(x) WHERE x < 1e200 OR isnan(x) = false
SELECT round(x, 2), round(x, 15) FROM VALUES (double('nan')), (double('infinity')), (1e300D), (123456789.12345678D) t(x)
SELECT CAST(x AS DECIMAL(10, 2)) FROM VALUES (2.675D), (-2.675D), (1e7D), (0.994999D) t(x)
