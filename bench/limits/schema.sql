CREATE TABLE cards (
  id bigint PRIMARY KEY, slug text NOT NULL, title text NOT NULL, seller text NOT NULL, township text NOT NULL,
  variety text NOT NULL, grade text NOT NULL, photo text, net bigint NOT NULL, price bigint NOT NULL,
  per_jin bigint NOT NULL, is_sold_out boolean NOT NULL
);
CREATE TABLE stock (id bigint PRIMARY KEY, on_hand bigint NOT NULL CHECK (on_hand >= 0));
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pack_id bigint NOT NULL, total bigint NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE order_lines (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL,
  pack_id bigint NOT NULL, pieces bigint NOT NULL, price bigint NOT NULL
);
CREATE TABLE entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL, account text NOT NULL,
  amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO stock SELECT n, 1000000000 FROM generate_series(1, 1000) AS n;
