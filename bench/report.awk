# SPDX-License-Identifier: MIT OR Apache-2.0
# Makes the tables of docs/reference/performance.md of build/bench/results.jsonl. With results.awk.

function text_of(name,    unit) {
    unit = choose_scale(units[name], values[name])
    return short(values[name]) " " unit " ± " short(spreads[name])
}

function limit_text(name, what,    unit) {
    if (!((name, what) in limits))
        return ""
    scale = 1
    unit = what == "ratio" ? "x" : choose_scale(units[name], limits[name, what])
    return (directions[name, what] == "<" ? "at most " : "at least ") short(limits[name, what]) " " unit
}

function is_of(name, beginning) {
    return substr(name, 1, length(beginning)) == beginning
}

function print_claims(    i, name, reference) {
    print "| Name | Measured | Limit | Verdict | Beside it |"
    print "|---|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (!((name, "value") in limits || (name, "ratio") in limits) || is_of(name, "seed."))
            continue
        if ((name, "value") in limits)
            printf "| `%s` | %s | %s | %s | %s |\n", name, text_of(name), limit_text(name, "value"),
                verdict_of(name, "value", values[name]), references[name] != "" && !((name, "ratio") in limits) ? \
                references[name] ": " short(reference_values[name]) : known[name, "value"]
        if ((name, "ratio") in limits) {
            choose_scale(units[name], reference_values[name])
            reference = references[name] " (" short(reference_values[name]) " " choose_scale(units[name], \
                reference_values[name]) ")"
            printf "| `%s`, ratio | %.2f x | %s | %s | %s |\n", name, ratios[name], limit_text(name, "ratio"),
                verdict_of(name, "ratio", ratios[name]), reference
        }
    }
}

function print_others(    i, name) {
    print "| Name | Measured | Reference | Ratio |"
    print "|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        name = names[i]
        if ((name, "value") in limits || (name, "ratio") in limits || is_peer(name))
            continue
        printf "| `%s` | %s | %s | %s |\n", name, text_of(name), references[name],
            ratios[name] == "" ? "" : sprintf("%.2f", ratios[name])
    }
}

function is_peer(name) {
    return is_of(name, "erlang.") || is_of(name, "caf.") || is_of(name, "rusm.")
}

function cell(name) {
    return name in values ? text_of(name) : ""
}

function print_peers(    i, n, row, parts, list) {
    print "| | here, components | here, native | RUSM, components | Erlang | CAF |"
    print "|---|---|---|---|---|---|"
    row["round trip"] = "component.round_trip native.round_trip rusm.round_trip erlang.round_trip caf.round_trip"
    row["one way"] = "component.one_way native.one_way rusm.one_way erlang.one_way caf.one_way"
    row["spawn, start and end"] = "engine.spawn seed.lifecycle rusm.spawn erlang.spawn caf.spawn"
    row["publish to 100, until handled"] = "topic.fanout_100 - - erlang.fanout_100 -"
    row["mesh of 1,000"] = "component.mesh - - erlang.mesh -"
    n = split("round trip|one way|spawn, start and end|publish to 100, until handled|mesh of 1,000", list, "|")
    for (i = 1; i <= n; i++) {
        split(row[list[i]], parts, " ")
        printf "| %s | %s | %s | %s | %s | %s |\n", list[i], cell(parts[1]), cell(parts[2]), cell(parts[3]),
            cell(parts[4]), cell(parts[5])
    }
}

# In nanoseconds, as the columns beside it.
function plain(number) {
    scale = 1
    return short(number)
}

function print_original(    i, name) {
    print "| Original | Published, ns | Measured again, ns | Here | Measured, ns | Verdict |"
    print "|---|---|---|---|---|---|"
    for (i = 1; i <= originals_count; i++) {
        name = originals[i]
        printf "| %s | %s | %s | `%s` | %s | %s |\n", original_name[name], published[name], measured_again[name], name,
            name in values ? plain(values[name]) : "not measured",
            name in values ? verdict_of(name, "value", values[name]) : ""
    }
}

BEGIN {
    read_limits("bench/limits")
    read_original("bench/original")
}

{
    name = field("name")
    names[++count] = name
    values[name] = field("value")
    spreads[name] = field("spread")
    units[name] = field("unit")
    references[name] = field("reference")
    reference_values[name] = field("reference_value")
    ratios[name] = field("ratio")
}

END {
    if (part == "claims")
        print_claims()
    else if (part == "peers")
        print_peers()
    else if (part == "original")
        print_original()
    else
        print_others()
}
