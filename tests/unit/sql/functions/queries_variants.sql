parse_json('{"a":1,"b":[1,2.5,"x",null,true,{"c":1e10}],"long":123456789012,"dec":12345.678901234567890123}')
parse_json('{"zz":1,"a":{"zz":2,"b":"é"}}')
parse_json('1')
parse_json('-129')
parse_json('70000')
parse_json('9223372036854775807')
parse_json('9223372036854775808')
parse_json('123456789012345678901234567890123456789')
parse_json('1.0')
parse_json('1.10')
parse_json('-0.0')
parse_json('-0')
parse_json('1e2')
parse_json('1E400')
parse_json('0.1234567890123456789012345678901234567')
parse_json('0.123456789012345678901234567890123456789')
parse_json('12345678901234567890.5')
parse_json('"text"')
parse_json('"this text is longer than sixty three bytes so that it needs a long string header 0123456789"')
parse_json('""')
parse_json('null')
parse_json('true')
parse_json('[]')
parse_json('{}')
parse_json(' [1 , 2] ')
parse_json('1 2')
parse_json('"\\u00e9\\n\\ud83d\\ude00"')
parse_json(5)
try_parse_json('{"a":1}')
to_json(parse_json('{"b":1.50,"a":[1e3,1.5e-7,null,"q\\"\\n"],"c":{}}'))
to_json(parse_json('"é\\u0001/\\\\"'))
to_json(parse_json('null'))
to_json(parse_json(null))
to_json(named_struct('v', parse_json('{"a":1}')))
to_json(array(parse_json('{"a":1}'), parse_json('2')))
schema_of_variant(parse_json('{"b":1.50,"a":[1e3,1.5e-7,null,"q"],"c":{}, "d":[1,2], "e":[1,2.5], "f":[{"x":1},{"y":"2"}], "g":[], "h":123456789012, "i":null, "j":true}'))
schema_of_variant(parse_json('null'))
schema_of_variant(parse_json('1'))
schema_of_variant(parse_json('[1,"a"]'))
schema_of_variant(parse_json('[{"a":1},{"a":2.5}]'))
schema_of_variant(parse_json('{"x y":1,"é":2}'))
schema_of_variant(parse_json(null))
schema_of_variant(cast(date'2020-01-01' as variant))
schema_of_variant(cast(array(1,2) as variant))
schema_of_variant(cast(1.5f as variant)), schema_of_variant(cast(1.5d as variant)), schema_of_variant(cast(1.5bd as variant)), schema_of_variant(cast(X'12' as variant)), schema_of_variant(cast(timestamp'2020-01-01 00:00:00' as variant)), schema_of_variant(cast(timestamp_ntz'2020-01-01 00:00:00' as variant)), schema_of_variant(cast(1Y as variant)), schema_of_variant(cast(true as variant)), schema_of_variant(cast('s' as variant))
schema_of_variant_agg(parse_json(j)) from values ('{"a":1}'),('{"b":"x"}'),('{"a":2.5}') t(j)
schema_of_variant_agg(parse_json(j)) from values ('1'),('{"b":"x"}') t(j)
schema_of_variant_agg(parse_json(j)) from values ('1') t(j) where false
schema_of_variant_agg(parse_json(j)) from values ('1'),(null) t(j)
is_variant_null(parse_json('null')), is_variant_null(parse_json('1')), is_variant_null(parse_json(null)), is_variant_null(variant_get(parse_json('{"a":null}'), '$.a')), is_variant_null(variant_get(parse_json('{"a":null}'), '$.b'))
is_valid_variant(parse_json('{"a":1}')), is_valid_variant(parse_json(null))
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.a', 'int')
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.b[2].c', 'string')
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.b[2].c', 'int')
try_variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.b[2].c', 'int')
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.b[5]', 'int')
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.b', 'string')
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$.b', 'array<string>')
variant_get(parse_json('{"a":1,"b":[1,2,{"c":"x"}]}'), '$', 'struct<a int, z string>')
variant_get(parse_json('{"a":1,"b":2}'), '$', 'map<string,int>')
variant_get(parse_json('{"a":1,"b":2}'), '$', 'variant')
variant_get(parse_json('{"a":1,"b":2}'), '$')
variant_get(parse_json('{"a":1,"b":2}'), '$["a"]', 'int')
variant_get(parse_json('{"a b":1,"b":2}'), "$['a b']", 'int')
variant_get(parse_json('{"a b":1,"b":2}'), "$.a b", 'int')
variant_get(parse_json('{"a":1}'), 'a', 'int')
variant_get(parse_json('{"a":1}'), '$.', 'int')
variant_get(parse_json('{"a":1}'), '$[a]', 'int')
variant_get(parse_json('[1]'), '$[-1]', 'int')
variant_get(parse_json('[1]'), '$[0]', 'foo')
variant_get(parse_json('{"a":1}'), '$.A', 'int')
variant_get(parse_json('{"a":null}'), '$.a', 'int')
variant_get(parse_json('"12"'), '$', 'int')
variant_get(parse_json('"12.7"'), '$', 'int')
variant_get(parse_json('12.7'), '$', 'int')
variant_get(parse_json('1e10'), '$', 'int')
variant_get(parse_json('1e10'), '$', 'bigint')
variant_get(parse_json('3000000000'), '$', 'int')
try_variant_get(parse_json('3000000000'), '$', 'int')
variant_get(parse_json('1.5'), '$', 'string'), variant_get(parse_json('1.50'), '$', 'string'), variant_get(parse_json('1e20'), '$', 'string'), variant_get(parse_json('true'), '$', 'string'), variant_get(parse_json('null'), '$', 'string')
variant_get(parse_json('{"a":[1,{"b":"x"}]}'), '$', 'string')
variant_get(parse_json('"true"'), '$', 'boolean'), variant_get(parse_json('1'), '$', 'boolean'), variant_get(parse_json('0'), '$', 'boolean'), variant_get(parse_json('1.5'), '$', 'boolean')
variant_get(parse_json('"2020-01-01"'), '$', 'date'), variant_get(parse_json('"2020-01-01 10:00:00"'), '$', 'timestamp'), variant_get(parse_json('"2020-01-01 10:00:00"'), '$', 'timestamp_ntz')
variant_get(parse_json('100'), '$', 'timestamp')
variant_get(parse_json('1.555'), '$', 'decimal(5,2)'), variant_get(parse_json('"1.555"'), '$', 'decimal(5,2)')
variant_get(parse_json('12345.6'), '$', 'decimal(5,2)')
try_variant_get(parse_json('12345.6'), '$', 'decimal(5,2)')
variant_get(parse_json('"abc"'), '$', 'binary')
variant_get(parse_json('[1,null,"3"]'), '$', 'array<int>')
variant_get(parse_json('[1,null,"x"]'), '$', 'array<int>')
try_variant_get(parse_json('[1,null,"x"]'), '$', 'array<int>')
variant_get(parse_json('[1,2]'), '$', 'struct<a int>')
variant_get(parse_json('{"a":1}'), '$', 'array<int>')
variant_get(parse_json('{"a":1}'), '$', 'int')
variant_get(parse_json('5'), '$.a', 'int')
variant_get(parse_json('5'), '$.a', 'interval day')
variant_get(parse_json('{"a":1}'), p, 'int') from values ('$.a'), ('$.b'), (null) t(p)
cast(parse_json('5') as int), cast(parse_json('"5"') as int), cast(parse_json('5') as string), cast(parse_json('[1,2]') as array<int>), cast(parse_json('{"a":1}') as map<string,string>), cast(parse_json('{"a":1}') as struct<a: int>), cast(parse_json('1.5') as double)
cast(parse_json('"x"') as int)
try_cast(parse_json('"x"') as int)
cast(parse_json('{"a":1}') as string)
cast(array(1,null,3) as variant), cast(1000L as variant), cast(300S as variant), cast(cast(1 as decimal(38,10)) as variant), cast(123456789012.5BD as variant)
cast(map('a',1) as variant)
cast(named_struct('a',1) as variant)
cast(interval 1 day as variant)
to_variant_object(named_struct('b',1,'a',array('x',null),'m',map('k',1.5)))
to_variant_object(map(1, 2))
to_variant_object(5)
to_variant_object(array(named_struct('z',1),null))
to_json(cast(date'2020-02-29' as variant)), to_json(cast(timestamp'2020-02-29 10:00:00.123456' as variant)), to_json(cast(timestamp_ntz'2020-02-29 10:00:00' as variant)), to_json(cast(X'0102' as variant)), to_json(cast(1.5f as variant)), to_json(cast(1e20d as variant)), to_json(cast(double('nan') as variant)), to_json(cast(1.50BD as variant))
cast(cast(date'2020-02-29' as variant) as string), cast(cast(timestamp'2020-02-29 10:00:00.1' as variant) as string), cast(cast(X'4142' as variant) as string), cast(cast(1.5f as variant) as string), cast(cast(timestamp'2020-02-29 10:00:00.1' as variant) as date), cast(cast(date'2020-02-29' as variant) as timestamp), cast(cast(timestamp'2020-02-29 10:00:00.1' as variant) as bigint), cast(cast(timestamp'2020-02-29 10:00:00.1' as variant) as timestamp_ntz)
v:a, v:a.b[0]::int, v:['a'] from (select parse_json('{"a":{"b":[7]}}') v)
v:b::string from (select parse_json('{"a":1}') v)
select * from variant_explode(parse_json('["hello", "world"]'))
select * from variant_explode(parse_json('{"b": true, "a": 3.14}'))
select * from variant_explode(input => parse_json('{"b": true, "a": 3.14}'))
select * from variant_explode(parse_json('5'))
select * from variant_explode(parse_json('[]'))
select t.pos, t.key, to_json(t.value) from (select parse_json('{"b": [1,2], "a": 3.14}') v), lateral variant_explode(v) t
parse_json('1') = parse_json('1')
select parse_json(j) v, count(*) from values ('1') t(j) group by v
select distinct parse_json('1')
select parse_json('1') v order by v
typeof(parse_json('1'))
hash(parse_json('1'))
coalesce(parse_json(null), parse_json('2'))
array(parse_json('1'), parse_json('"a"'))
map('k', parse_json('1'))
named_struct('v', parse_json('1'))
collect_list(parse_json(j)) from values ('1'),('"x"') t(j)
first(parse_json(j)), count(parse_json(j)) from values ('1'),('"x"') t(j)
if(true, parse_json('1'), null)
parse_json('1') is null, parse_json(null) is null, parse_json('null') is null
parse_json('1')::int + 1
from_json('{"v":{"a":1}}', 'v variant')
from_json('{"v":{"a":1},"w":2}', 'variant')
concat(parse_json('1'), 'a')
cast(parse_json('1') as variant)
cast(array(parse_json('1')) as array<int>)
variant_get(parse_json('[[1,2],[3]]'), '$[1][0]', 'int')
variant_get(parse_json('{"a.b":{"c":1}}'), '$["a.b"].c', 'int')
variant_get('{"a":1}', '$.a', 'int')
variant_get(parse_json('{"a":1}'), 5, 'int')
parse_json('{"a":1}') from range(2)
-- set spark.sql.ansi.enabled=false
cast(parse_json('"x"') as int)
variant_get(parse_json('"x"'), '$', 'int')
-- set spark.sql.ansi.enabled=true
schema_of_variant(cast(array(1.5f, 2.5d) as variant)), schema_of_variant(to_variant_object(array(named_struct('a', 1.5f), named_struct('a', 2.5f)))), schema_of_variant(parse_json('[1, 1e3]')), schema_of_variant(parse_json('[1.5, 1e3]')), schema_of_variant(parse_json('[1, null]')), schema_of_variant(parse_json('[1.55, 100.5]')), schema_of_variant(parse_json('[{"a":1},2]')), schema_of_variant(parse_json('[[],[1]]')), schema_of_variant(parse_json('[true,1]'))
-- set spark.sql.ansi.enabled=true
cast(cast(1.5f as variant) as double), cast(cast(0.1f as variant) as double), cast(cast(0.1f as variant) as string), cast(parse_json('1e3') as decimal(10,2)), cast(parse_json('0.1') as float), cast(parse_json('true') as int), cast(parse_json('true') as string), cast(parse_json('true') as double), cast(parse_json('true') as decimal(3,1))
-- set spark.sql.ansi.enabled=true
cast(parse_json('12.7') as int), cast(parse_json('-12.7') as int), cast(parse_json('1.27e1') as int), cast(parse_json('12') as tinyint), cast(parse_json('" 12 "') as int), cast(parse_json('"1e2"') as double), cast(parse_json('"1.5"') as float)
-- set spark.sql.ansi.enabled=true
cast(parse_json('300') as tinyint)
-- set spark.sql.ansi.enabled=true
cast(cast(double('nan') as variant) as int)
-- set spark.sql.ansi.enabled=true
cast(parse_json('"abc"') as double)
-- set spark.sql.ansi.enabled=true
cast(parse_json('"maybe"') as boolean)
-- set spark.sql.ansi.enabled=true
cast(parse_json('"2020-13-01"') as date)
-- set spark.sql.ansi.enabled=true
cast(parse_json('1') as date)
-- set spark.sql.ansi.enabled=true
cast(parse_json('1') as binary)
-- set spark.sql.ansi.enabled=true
cast(parse_json('1.5') as timestamp), cast(parse_json('1e3') as timestamp), cast(parse_json('true') as timestamp)
-- set spark.sql.ansi.enabled=true
cast(cast(date'2020-01-01' as variant) as int)
-- set spark.sql.ansi.enabled=true
cast(cast(date'2020-01-01' as variant) as timestamp_ntz), cast(cast(timestamp_ntz'2020-01-01 01:02:03' as variant) as timestamp), cast(cast(timestamp_ntz'2020-01-01 01:02:03' as variant) as date), cast(cast(timestamp_ntz'2020-01-01 01:02:03' as variant) as string)
-- set spark.sql.ansi.enabled=true
cast(parse_json('{"a":"x"}') as struct<a:int>)
-- set spark.sql.ansi.enabled=true
cast(parse_json('{"a":"x"}') as map<string,int>)
-- set spark.sql.ansi.enabled=true
try_cast(parse_json('{"a":"x"}') as struct<a:int>), try_cast(parse_json('{"a":"x"}') as map<string,int>), try_cast(parse_json('[1]') as int), try_cast(parse_json('{"a":1}') as array<int>)
-- set spark.sql.ansi.enabled=true
cast(parse_json('{"a":1}') as struct<A:int>)
-- set spark.sql.ansi.enabled=true
cast(parse_json('1.50') as string), cast(parse_json('100.0') as string), cast(parse_json('1e-7') as string), cast(parse_json('123456789012345678901') as string)
-- set spark.sql.ansi.enabled=true
to_json(parse_json('100.0')), to_json(parse_json('0.000000001')), to_json(parse_json('1e-10')), to_json(parse_json('0.00')), to_json(parse_json('1e16')), to_json(parse_json('123.0e1'))
-- set spark.sql.ansi.enabled=true
to_json(variant_get(parse_json('{"a":{"c":1,"b":2}}'), '$.a')), variant_get(parse_json('{"x":1,"a":{"c":1,"b":2}}'), '$.a')
-- set spark.sql.ansi.enabled=true
variant_get(parse_json('{"a":1}'), '$.a', 'integer'), variant_get(parse_json('{"a":1}'), '$.a', 'INT')
-- set spark.sql.ansi.enabled=true
variant_get(parse_json('{"a":1}'), p, t) from values ('$.a','int') t(p,t)
-- set spark.sql.ansi.enabled=true
v:a::int as x, v:a + 1 from (select parse_json('{"a":1}') v)
-- set spark.sql.ansi.enabled=true
cast(v:a as int), v:a::string, v:a[0] from (select parse_json('{"a":[1]}') v)
-- set spark.sql.ansi.enabled=true
s:a from (select 'x' s)
-- set spark.sql.ansi.enabled=true
s:a from (select named_struct('a', 1) s)
-- set spark.sql.ansi.enabled=true
schema_of_variant(v:a), is_variant_null(v:a), to_json(v) from (select parse_json('{"a":[1]}') v)
-- set spark.sql.ansi.enabled=true
try_cast(parse_json('"2020"') as date), try_cast(parse_json('"x"') as timestamp), try_cast(parse_json('1e20') as int)
-- set spark.sql.ansi.enabled=true
cast(parse_json('"x"') as varchar(3))
-- set spark.sql.ansi.enabled=true
cast(parse_json('5') as interval day)
-- set spark.sql.ansi.enabled=true
cast(parse_json('5') as map<int,int>)
-- set spark.sql.ansi.enabled=true
select t.pos, t.key, to_json(t.value) j from variant_explode_outer(parse_json('[]')) t
-- set spark.sql.ansi.enabled=true
select t.pos, t.key, to_json(t.value) j from variant_explode_outer(parse_json('5')) t
-- set spark.sql.ansi.enabled=true
select t.pos, t.key, to_json(t.value) j from variant_explode_outer(parse_json('[1]')) t
-- set spark.sql.ansi.enabled=true
select pos, key, to_json(value) j from values ('{"a":1,"b":2}'), ('[3]'), (null) x(j), lateral variant_explode(parse_json(x.j)) 
-- set spark.sql.ansi.enabled=true
select count(v), count(*), max(to_json(v)) from (select try_parse_json(j) v from values ('1'), ('{'), (null) t(j))
-- set spark.sql.ansi.enabled=true
select to_json(v), x from (select parse_json('{"a":1}') v, 1 x union all select parse_json('2'), 2)
-- set spark.sql.ansi.enabled=true
cast(parse_json('{"a":1}') as string) || 'x'
-- set spark.sql.ansi.enabled=true
parse_json('{"a":1}') || 'x'
-- set spark.sql.ansi.enabled=true
upper(parse_json('"a"'))
-- set spark.sql.ansi.enabled=true
parse_json('5') + 1
-- set spark.sql.ansi.enabled=true
parse_json('5') > 1
-- set spark.sql.ansi.enabled=true
case when true then parse_json('5') else 6 end
-- set spark.sql.ansi.enabled=true
array(parse_json('5'), 6)
-- set spark.sql.ansi.enabled=true
sum(parse_json('5')::double)
-- set spark.sql.ansi.enabled=true
max(parse_json('1'))
-- set spark.sql.ansi.enabled=true
xxhash64(parse_json('1'))
-- set spark.sql.ansi.enabled=true
select parse_json(j):a::int s, count(*) from values ('{"a":1}'),('{"a":1}') t(j) group by 1
-- set spark.sql.ansi.enabled=true
select * from (select parse_json('1') a) x join (select parse_json('1') b) y on x.a = y.b
-- set spark.sql.ansi.enabled=true
to_json(cast(timestamp'2020-07-29 10:00:00' as variant), map('timestampFormat','yyyy'))
-- set spark.sql.ansi.enabled=true
is_valid_variant(5)
-- set spark.sql.ansi.enabled=true
schema_of_variant('x')
