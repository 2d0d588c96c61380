"""Stores files on a disk or in buckets, in a lane of their own. A failure is 503, and nothing was done."""
