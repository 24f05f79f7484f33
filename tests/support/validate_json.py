#!/usr/bin/python3
"""Validates JSON documents against a JSON Schema: validate_json.py SCHEMA FILE...

Prints each violation with its place; exits 1 when there is any, 2 when a file is not JSON at all.
"""

import json
import pathlib
import sys

import jsonschema


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"an object has a key twice: {keys}")
    return dict(pairs)


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"), object_pairs_hook=unique_keys)


def validator_for(path):
    schema = load(path)
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(pathlib.Path(path).resolve().as_uri(), schema)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def main():
    schema, *files = sys.argv[1:]
    violations = 0
    try:
        validator = validator_for(schema)
        for file in files:
            for error in validator.iter_errors(load(file)):
                violations += 1
                print(f"{file}: {error.json_path}: {error.message}")
    except (OSError, ValueError) as error:
        print(error)
        return 2
    return 1 if violations else 0


sys.exit(main())
