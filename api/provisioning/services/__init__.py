"""Use cases: one module a noun. Each public function that writes is one transaction."""
