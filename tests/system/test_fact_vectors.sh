#!/usr/bin/env bash
# The frozen record bytes of the unit test against a second, independent computation.
exec python3 "$FOYER_SOURCE/tests/data/fact_vectors.py" \
    "$FOYER_SOURCE/tests/unit/sync/test_fact.c"
