"""The database: tables, migrations, queries. No rule of the domain lives here."""
