"""What every REST view shares: fields, paging, idempotency, rate limits, errors and the schema."""
