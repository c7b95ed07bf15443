-- expands
ALTER TABLE "terms" ADD COLUMN "coupon" jsonb;