"""Finding listed homes."""

from properties.selectors.search.currencies import count_left_out
from properties.selectors.search.facets import list_facets
from properties.selectors.search.held import seen_by
from properties.selectors.search.results import list_pins, search_homes, show_home, show_homes

__all__ = ["count_left_out", "list_facets", "list_pins", "search_homes", "seen_by", "show_home", "show_homes"]
