-- The one row of the sweep; like `charging` it is there from the beginning.
INSERT INTO sweep (id) VALUES (1);
