# SPDX-License-Identifier: MIT OR Apache-2.0
# Compares what a page promises (first file) with what was printed (second file); exits 1 when they differ.
# A line `...` stands for any lines, `…` within a line for any text.

function line_fits(pattern, text,    parts, count, i, at) {
    if (!index(pattern, "…"))
        return pattern == text
    count = split(pattern, parts, "…")
    if (substr(text, 1, length(parts[1])) != parts[1])
        return 0
    text = substr(text, length(parts[1]) + 1)
    for (i = 2; i < count; i++) {
        at = index(text, parts[i])
        if (!at)
            return 0
        text = substr(text, at + length(parts[i]))
    }
    return length(text) >= length(parts[count]) && substr(text, length(text) - length(parts[count]) + 1) == parts[count]
}

function fits(p, t) {
    if (p > patterns)
        return t > texts
    if (pattern[p] == "...")
        return fits(p + 1, t) || (t <= texts && fits(p, t + 1))
    return t <= texts && line_fits(pattern[p], text[t]) && fits(p + 1, t + 1)
}

FILENAME == ARGV[1] { pattern[++patterns] = $0; next }
{ text[++texts] = $0 }
END { exit !fits(1, 1) }
