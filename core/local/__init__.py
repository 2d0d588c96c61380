"""Everything on one machine: the embedded database and broker, and who starts and stops them. Production never imports it."""
