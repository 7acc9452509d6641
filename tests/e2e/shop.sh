# SPDX-License-Identifier: MIT OR Apache-2.0
# The apps of the tests that deploy whole apps, and what is there of them; after lib.sh.

# version NUMBER: begins the manifest of the app shop, as app-NUMBER/airssys.toml.
version() {
    mkdir -p "app-$1"
    manifest=app-$1/airssys.toml
    printf 'node = { instances_max = 16, audit = "off" }\n[app]\nname = "shop"\nversion = "%s.0.0"\n' "$1" >"$manifest"
}
# actor NAME GUEST [MOOD]
actor() {
    printf '[[actor]]\nname = "%s"\ncomponent = "%s/%s.wasm"\n' "$1" "$guests" "$2" >>"$manifest"
    [ $# -lt 3 ] || printf '[actor.config]\nmood = "%s"\n' "$3" >>"$manifest"
}
grants() { printf '[actor.grants.messaging]\nask = [%s]\n' "$1" >>"$manifest"; }
probation() { printf '[actor.deploy]\nprobation = "%s"\n' "$1" >>"$manifest"; }
names_of() {
    "$airssys" ps -o json | awk '$1 == "\"name\":" { gsub(/[",]/, "", $2); print $2 }' | sort | tr '\n' ' '
}

# The second has another component, the settings of another actor, one that is new, one that goes, and a grant.
two_apps() {
    version 1
    actor ada teller-1
    actor ben teller-applies calm
    probation 1ms
    actor eve teller-1
    version 2
    actor ada teller-2
    grants '"ben"'
    probation 1ms
    actor ben teller-applies merry
    probation 1ms
    actor dan teller-1
}

# Which of the two is there, all of it: 1, 2, or what it is a mix of.
app_is() {
    mood=$("$airssys" call ben mood 2>&1 | cut -d ' ' -f 1)
    tells=$("$airssys" call ada get 2>&1 | cut -c 1)
    holds=no
    if "$airssys" grants ada 2>&1 | grep -F 'messaging.ask "ben"' | grep -qF holds; then holds=yes; fi
    case "$tells $mood $holds $(names_of)" in
    "1 calm no  ada ben eve ") echo 1 ;;
    "2 merry yes  ada ben dan ") echo 2 ;;
    *) echo "a mix: $tells $mood $holds $(names_of)" ;;
    esac
}
