# SPDX-License-Identifier: MIT OR Apache-2.0
# What table.awk and report.awk share: reads bench/limits and bench/original, and the flat JSON objects of
# build/bench/results.jsonl, one a line.

function field(key,    text) {
    if (!match($0, "\"" key "\"[ ]*:[ ]*(\"[^\"]*\"|[-+0-9.eE]+)"))
        return ""
    text = substr($0, RSTART, RLENGTH)
    sub("^\"" key "\"[ ]*:[ ]*", "", text)
    gsub("\"", "", text)
    return text
}

# Four significant digits: more are noise.
function short(number) {
    if (number == "")
        return ""
    number /= scale
    return sprintf(number < 10000 ? "%.4g" : "%.0f", number)
}

# Nanoseconds become what people say: 4.895 ms, not 4.895e+06 ns.
function choose_scale(unit, value) {
    scale = 1
    value += 0
    if (unit != "ns" || value < 10000)
        return unit
    scale = value < 1000000 ? 1000 : 1000000
    return scale == 1000 ? "us" : "ms"
}

function trim(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

function add_limit(name, what, direction, limit) {
    limits[name, what] = limit
    directions[name, what] = direction
}

function read_limits(path,    line, part) {
    while ((getline line < path) > 0) {
        if (line ~ /^#/ || split(line, part, "|") < 5)
            continue
        add_limit(trim(part[1]), trim(part[2]), trim(part[3]), trim(part[4]) + 0)
        known[trim(part[1]), trim(part[2])] = trim(part[5])
    }
    close(path)
}

function read_original(path,    line, part, name, smaller) {
    while ((getline line < path) > 0) {
        if (line ~ /^#/ || split(line, part, "|") < 4)
            continue
        name = trim(part[1])
        originals[++originals_count] = name
        original_name[name] = trim(part[2])
        published[name] = trim(part[3])
        measured_again[name] = trim(part[4])
        smaller = measured_again[name] + 0
        if (published[name] != "-" && published[name] + 0 < smaller)
            smaller = published[name] + 0
        add_limit(name, "value", "<", smaller)
    }
    close(path)
}

function verdict_of(name, what, value) {
    if (!((name, what) in limits))
        return ""
    if (directions[name, what] == "<")
        return value + 0 <= limits[name, what] ? "met" : "MISSED"
    return value + 0 >= limits[name, what] ? "met" : "MISSED"
}
