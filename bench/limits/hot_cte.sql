\set pack 1
WITH taken AS (
  UPDATE stock SET on_hand = on_hand - 1 WHERE id = :pack AND on_hand >= 1 RETURNING id
), placed AS (
  INSERT INTO orders (pack_id, total) SELECT id, 1280 FROM taken RETURNING id, pack_id
), lined AS (
  INSERT INTO order_lines (order_id, pack_id, pieces, price) SELECT id, pack_id, 1, 1280 FROM placed
)
INSERT INTO entries (order_id, account, amount)
SELECT id, account, amount FROM placed CROSS JOIN (VALUES ('stock', -1), ('held', 1)) AS entry (account, amount);
