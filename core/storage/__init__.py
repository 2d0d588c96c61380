"""Where files are kept: a disk or buckets, asked in a lane of their own. What fails there is 503, and nothing was done."""
