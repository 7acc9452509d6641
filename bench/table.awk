# SPDX-License-Identifier: MIT OR Apache-2.0
# Makes a table of build/bench/results.jsonl. With results.awk.

function row(name, value, spread, unit, limit, verdict, reference, reference_value, ratio) {
    printf "%-26s %9s %9s %-5s %12s %-7s %-42s %9s %6s\n", name, value, spread, unit, limit, verdict, reference,
        reference_value, ratio
}

function limit_text(name, what) {
    return (name, what) in limits ? (directions[name, what] == "<" ? "<= " : ">= ") short(limits[name, what]) : ""
}

BEGIN {
    read_limits("bench/limits")
    read_original("bench/original")
    row("name", "value", "spread", "unit", "limit", "", "reference", "its value", "ratio")
}

{
    name = field("name")
    unit = choose_scale(field("unit"), field("value"))
    ratio = field("ratio")
    row(name, short(field("value")), short(field("spread")), unit, limit_text(name, "value"),
        verdict_of(name, "value", field("value")), field("reference"), short(field("reference_value")),
        ratio == "" ? "" : sprintf("%.2f", ratio))
    if ((name, "ratio") in limits) {
        scale = 1
        row("", "", "", "", limit_text(name, "ratio"), verdict_of(name, "ratio", ratio), "(the ratio)", "", "")
    }
}
