-- A row for each currency, so that counting never inserts: two replicas would count into two rows, or one would fail.
INSERT INTO spending (currency, day) SELECT c, '1970-01-01' FROM unnest(ARRAY['IDR', 'VND', 'PHP', 'THB', 'SGD', 'MYR', 'USD']) AS c;
