"""Being here makes ``peers`` importable from every test, whichever is run alone."""
