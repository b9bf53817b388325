"""Runs one export of a scorecard over rows and compares its points with the service's.

Input (JSON): names, rows, expected points and scores, and the export in both kinds of points.
"""

import bisect
import csv
import io
import json
import sqlite3
import sys

sys.dont_write_bytecode = True


def value(cell):
    kind, text = cell
    return {"missing": None, "level": text}.get(kind) if kind != "number" else float(text)


def is_missing(found):
    return found is None or found != found


def same(found, expected):
    """Equal to the last bit, and of the same type."""
    if isinstance(expected, str):
        return isinstance(found, float) and found.hex() == float(expected).hex()
    return isinstance(found, int) and found == expected


def from_python(export, names, rows):
    module = {}
    exec(compile(export, "<scorecard>", "exec"), module)
    for row in rows:
        mapping = dict(zip(names, row))
        yield module["points"](mapping), module["score"](mapping)


def from_sql(export, names, rows):
    def quoted(name):
        return '"' + name.replace('"', '""') + '"'

    base = sqlite3.connect(":memory:")
    table, columns = quoted(export["table"]), ", ".join(map(quoted, names))
    base.execute(f"CREATE TABLE {table} ({columns})")
    holes = ", ".join("?" for _ in names)
    base.executemany(f"INSERT INTO {table} VALUES ({holes})", rows)
    cases = ", ".join(export["characteristics"] + export["pairs"])
    points = base.execute(f"SELECT {cases} FROM {table} ORDER BY rowid").fetchall()
    cursor = base.execute(export["select"] + " ORDER BY rowid")
    assert [column[0] for column in cursor.description] == [*names, "score"]
    scores = [row[-1] for row in cursor]
    left = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    assert left == 1, "a name or a level was executed"
    return zip(map(list, points), scores)


def added(base, parts):
    for part in parts:
        base += part
    return base


def from_json(export, names, rows):
    field, card = export["field"], export["card"]
    characteristics = card["characteristics"]
    assert [c["name"] for c in characteristics] == names

    def bin_of(c, found):
        if is_missing(found):
            return c["missing_bin"]
        codes = {code["value"]: code["bin"] for code in c["codes"]}
        codes |= {level["level"]: level["bin"] for level in c["levels"]}
        if found in codes:
            return codes[found]
        if c["breaks"] is None:
            return c["unseen_bin"]
        return bisect.bisect_right(c["breaks"], found)

    for row in rows:
        bins = list(map(bin_of, characteristics, row))
        points = [c["bins"][at][field] for c, at in zip(characteristics, bins)]
        for pair in card["pairs"]:
            first = pair["first_groups"][bins[names.index(pair["first"])]]
            second = pair["second_groups"][bins[names.index(pair["second"])]]
            points.append(pair["cells"][first][second][field])
        yield points, added(card["base_points"][field], points)


def from_csv(export, names, rows):
    field = export["field"]
    number = float if field == "points" else int
    rules, base, pairs = {name: [] for name in names}, None, {}
    for line in csv.DictReader(io.StringIO(export["text"], newline=""), strict=True):
        if line["rule"] == "base":
            base = number(line[field])
        elif line["rule"] == "pair":
            cells = pairs.setdefault((line["characteristic"], line["second"]), {})
            cells[line["bin"], line["second_bin"]] = number(line[field])
        else:
            rules[line["characteristic"]].append(line)

    def holds(line, found):
        rule = line["rule"]
        if is_missing(found) or rule == "missing":
            return is_missing(found) and rule == "missing"
        if rule == "code":
            return float(line["value"]) == found
        if rule == "interval":
            low, high = line["from"], line["to"]
            return (not low or float(low) <= found) and (not high or found < float(high))
        return rule == "unseen" or line["value"] == found

    for row in rows:
        points, bins = [], {}
        for name, found in zip(names, row):
            line = next(line for line in rules[name] if holds(line, found))
            points.append(number(line[field]))
            bins[name] = line["bin"]
        for (first, second), cells in pairs.items():
            points.append(cells[bins[first], bins[second]])
        yield points, added(base, points)


def main():
    given = json.load(sys.stdin)
    names = given["names"]
    rows = [[value(cell) for cell in row] for row in given["rows"]]
    run = {"python": from_python, "sql": from_sql, "json": from_json, "csv": from_csv}
    compared = 0
    for kind in ["raw", "rounded"]:
        answers = run[given["form"]](given[kind], names, rows)
        expected = given["expected"][kind]
        for row, (points, score), right in zip(rows, answers, expected, strict=True):
            assert all(map(same, points, right["points"])), (kind, row, points, right)
            assert len(points) == len(right["points"])
            assert same(score, right["score"]), (kind, row, score, right)
            compared += 1
    sys.stdout.write(f"{compared} scores")


main()
