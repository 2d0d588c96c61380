from tools.coverage_floors import missing, shares

FLOORS = {"*/rules/*": 100.0, "*/services/*": 95.0}


def file(covered, statements, branches=0, all_branches=0, missing_lines=()):
    summary = {
        "covered_lines": covered,
        "num_statements": statements,
        "covered_branches": branches,
        "num_branches": all_branches,
    }
    return {
        "summary": summary,
        "missing_lines": list(missing_lines),
        "missing_branches": [[1, -1]] if branches < all_branches else [],
    }


FILES = {
    "bookings/rules/ledger.py": file(9, 10, 3, 4, [7]),
    "properties/rules/quote.py": file(5, 5),
    "bookings/services/paying.py": file(1, 2, missing_lines=[2]),
    "core/clock.py": file(0, 9),
}


def test_lines_and_branches_of_a_package_are_summed_over_its_files():
    assert shares(FILES, FLOORS) == {"*/rules/*": (17, 19), "*/services/*": (1, 2)}


def test_a_file_counts_for_the_first_pattern_that_matches_it():
    assert shares(FILES, {"bookings/*": 1.0, **FLOORS}) == {
        "bookings/*": (13, 16),
        "*/rules/*": (5, 5),
        "*/services/*": (0, 0),
    }


def test_what_no_test_ran_is_named():
    assert missing(FILES, "*/rules/*") == ["    bookings/rules/ledger.py: 7, 1→-1"]
