"""Finding listed homes."""

from properties.selectors.search.facets import list_facets
from properties.selectors.search.results import list_pins, search_homes, show_home

__all__ = ["list_facets", "list_pins", "search_homes", "show_home"]
