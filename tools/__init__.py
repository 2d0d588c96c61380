"""Tools for work on this project: they draw pictures and check things. No server process imports them."""
