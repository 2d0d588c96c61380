"""How a move happens: locked and loaded at once, decided by the rules, written at once, committed, published."""
