SELECT explode(array(10, 20, null))
SELECT explode(map(1, 'a', 2, 'b'))
SELECT explode(CAST(array() AS array<int>)), 1
SELECT explode_outer(CAST(array() AS array<int>)), 1
SELECT posexplode(array('a', 'b'))
SELECT posexplode_outer(CAST(null AS array<int>))
SELECT posexplode(map('x', 1))
SELECT inline(array(struct(1, 'a'), struct(2, 'b')))
SELECT inline(array(struct(1)))
SELECT inline_outer(CAST(null AS array<struct<a: int, b: string>>))
SELECT stack(2, 1, 2, 3)
SELECT stack(2, 1, 'a', 2, 'b')
SELECT stack(0, 1)
SELECT explode(array(named_struct('a', 1), named_struct('a', 2))).a
SELECT id, x FROM VALUES (1, array(1, 2)), (2, array()), (3, null) t(id, a) LATERAL VIEW explode(a) v AS x ORDER BY id, x
SELECT id, x FROM VALUES (1, array(1, 2)), (2, array()), (3, null) t(id, a) LATERAL VIEW OUTER explode(a) v AS x ORDER BY id, x
SELECT id, i, x FROM VALUES (1, array('p', 'q')) t(id, a) LATERAL VIEW posexplode(a) v AS i, x ORDER BY i
SELECT explode(1)
SELECT json_tuple('{"a": 1, "b": {"c": [1, 2]}}', 'a', 'b', 'x')
