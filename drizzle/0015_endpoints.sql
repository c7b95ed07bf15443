-- expands
-- Each endpoint that Xendit counts by itself has its row from the beginning; what is no row is not paced.
INSERT INTO pace (endpoint) VALUES ('sessions'), ('payment_tokens'), ('transactions');
