#!/usr/bin/python3
"""Writes docs/rules.md out of what `hsmreq inspect --list-rules --json` prints.

    docs/write-rules.py build/release/hsmreq > docs/rules.md
"""

import json
import subprocess
import sys

HEAD = """# Rules and certificate authorities

This page is generated: `docs/write-rules.py build/release/hsmreq > docs/rules.md`. The same list comes from
`hsmreq inspect --list-rules`, as JSON with `--json`. `{}` stands for a finding's own words. Rules with a date are judged
as on the day that `--date` names, today by default. A `[[rules.accept]]` entry of the farm file can accept a finding, but
none of `policy.*`, `key.*` and `csr.*`.

"""


def cell(text):
    return text.replace("|", "\\|")


def page(document):
    text = HEAD
    for group in dict.fromkeys(rule["id"].split(".")[0] for rule in document["rules"]):
        text += f"## {group}\n\n"
        for rule in document["rules"]:
            if rule["id"].split(".")[0] != group:
                continue
            weight = rule["severity"] + (f"; {rule['otherwise']}" if rule["otherwise"] else "")
            text += f"**`{rule['id']}`** ({weight})  \n{rule['message']}.  \nFix: {rule['fix']}  \nSource: {rule['source']}."
            text += f"  \nHolds from {rule['date']}.\n\n" if rule["date"] else "\n\n"
    text += "## Certificate authorities\n\nThe words of `farm.ca` and of `inspect --ca`, and what each accepts.\n"
    for authority in document["authorities"]:
        text += f"\n### `{authority['ca']}`: {authority['name']}\n\n| | | source |\n|---|---|---|\n"
        for fact in authority["facts"]:
            text += f"| {cell(fact['topic'])} | {cell(fact['value'])} | {cell(fact['source'])} |\n"
    return text


def main():
    listing = subprocess.run([sys.argv[1], "inspect", "--list-rules", "--json"], check=True, capture_output=True)
    sys.stdout.write(page(json.loads(listing.stdout)))


if __name__ == "__main__":
    main()
