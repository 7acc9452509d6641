#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# `airssys run --learn`: what is printed is what was used, allows it, and nothing of it can be left out.
. "$(dirname "$0")/lib.sh"
log=state/airssys/shop/audit

# Does a bit of everything, and says how it went: a letter each.
mkdir -p shop/desk/src shop/kid/src shop/quiet/src shop/data/in
cat >shop/desk/src/desk.c <<'END'
#include <airssys/guest.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char said[64];
static size_t len;
static void say(bool done) { said[len++] = done ? '+' : '-'; }

static bool copy(const char *from, const char *to)
{
    char line[32] = "";
    FILE *file = fopen(from, "r");
    if (file == NULL)
        return false;
    (void)fgets(line, sizeof line, file);
    (void)fclose(file);
    file = fopen(to, "w");
    return file != NULL && fputs(line, file) >= 0 && fclose(file) == 0;
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    char name[32];
    struct stat about;
    len = 0;
    say(copy("/data/in/a.csv", "/out/report.tmp"));
    say(rename("/out/report.tmp", "/out/report") == 0);
    say(stat("/out/report", &about) == 0);
    say(stat("/data/in", &about) == 0);
    mkdir("/out/parts", 0777);
    bool all = true;
    for (int i = 0; i < 10; i++) {
        (void)snprintf(name, sizeof name, "/out/parts/%d", i);
        all = copy("/out/report", name) && all;
    }
    say(all);
    DIR *list = opendir("/out/parts");
    say(list != NULL && closedir(list) == 0);
    say(unlink("/out/parts/0") == 0);
    say(airs_send(airs_lookup(airs_text("quiet")), airs_text("x")) == AIRS_OK);
    say(airs_publish(airs_text("orders.new"), airs_text("x"), NULL) == AIRS_OK);
    uint64_t subscription;
    say(airs_subscribe(airs_text("prices.*"), (airs_bytes){0}, &subscription) == AIRS_OK &&
        airs_unsubscribe(subscription));
    say(airs_register(airs_text("till")) == AIRS_OK && airs_unregister(airs_text("till")));
    say(airs_allowed(airs_text("sms"), airs_text("+49 \"170\""), NULL));
    say(time(NULL) > 0);
    airs_actor child;
    airs_bytes answer;
    airs_settings none = {0};
    say(airs_spawn(airs_text("kid"), (airs_bytes){0}, none, &child) == AIRS_OK &&
        airs_ask(child, airs_text("x"), 5000, &answer) == AIRS_OK && airs_equal(answer, airs_text("++")));
    puts("done");
    return airs_answer((airs_bytes){(const uint8_t *)said, len});
}
END
cat >shop/kid/src/kid.c <<'END'
#include <airssys/guest.h>
#include <stdio.h>
airs_result actor_handle(const airs_message *message)
{
    (void)message;
    FILE *file = fopen("/data/kid", "r");
    bool read = file != NULL && fclose(file) == 0;
    bool published = airs_publish(airs_text("kids.born"), airs_text("x"), NULL) == AIRS_OK;
    airs_result result = airs_answer(read && published ? airs_text("++") : airs_text("--"));
    return result;
}
END
printf '#include <airssys/guest.h>\nairs_result actor_handle(const airs_message *m) { (void)m; return airs_answer((airs_bytes){0}); }\n' \
    >shop/quiet/src/quiet.c
for name in desk kid quiet; do
    printf '[component]\nname = "%s"\n[build]\nsources = ["src/%s.c"]\nlibc = "wasi"\n' $name $name \
        >shop/$name/airssys.toml
    run 0 build shop/$name
done
echo 'one,2' >shop/data/in/a.csv
echo x >shop/data/kid
cat >shop/airssys.toml <<'END'
[app]
name = "shop"
[node]
instances_max = 16
[[actor]]
name = "desk"
component = "desk/build/desk.wasm"
[actor.grants.files]
mounts = { "/data" = "data" }
read = ["/data/**"]
list = ["/data/**"]
write = ["/data/in/*"]
[actor.grants.messaging]
send = ["quiet", "quit*"]
[[actor]]
name = "quiet"
component = "quiet/build/quiet.wasm"
[[template]]
name = "kid"
component = "kid/build/kid.wasm"
restart = "temporary"
[template.grants.files]
mounts = { "/data" = "data" }
read = ["/data/kid"]
[[template]]
name = "unborn"
component = "quiet/build/quiet.wasm"
END
cp shop/airssys.toml before.toml

# learn FLAGS…: a node that learns, in the background; what it prints is in learned, the rest in log.
learn() {
    rm -f log
    TMPDIR="$work/scratch" "$airssys" run --learn "$@" >learned 2>log </dev/null &
    node=$!
    started="$started $node"
    wait_for grep -q '^listening at ' log
}
mkdir scratch
stop_node() { kill -TERM "$node"; node_ends 0; }

# ---------------------------------------------------------------- it works without grants, on nothing of the host's

learn shop
run 0 call desk x
out_is '++++++++++++++'
[ "$(ls scratch | wc -l)" -eq 1 ] || fail 'one scratch folder'
stop_node
[ -z "$(ls scratch)" ] || fail 'the scratch folder is left behind'
[ "$(find shop -newer before.toml -type f)" = '' ] || fail "touched: $(find shop -newer before.toml -type f)"
cp learned out
out_has '# granted, but not used: files.write "/data/in/*"'
out_has '# granted, but not used: messaging.send,ask "quit*"'
out_has '# nothing was mounted at /out'
out_has 'sms = ["+49 \"170\""]'
out_has '"/out/parts/*"'
out_has '# never started: nothing is learned of it'
! grep -q parts/1 learned || fail 'siblings stand for themselves'
run 0 audit query $log --refused --actor desk
out_has '  learned  desk  messaging.publish  orders.new'
! grep -q '  refused  ' out || fail 'refused while learning'
run 0 audit export $log --actor desk --right custom.use
out_has '"allowed":false,"grant":null,"epoch":1,"message":'
out_has ',"learned":true}'
run 0 audit verify $log --key state/airssys/shop/node.key.pub

# ---------------------------------------------------------------- the same as JSON

learn shop -o json
run 0 call desk x
stop_node
python3 - <<'END' || fail 'JSON'
import json
app = json.load(open("learned"))
assert app["app"] == "shop" and not app["cut"], app
desk, quiet, kid, unborn = app["actors"]
assert [a["name"] for a in app["actors"]] == ["desk", "quiet", "kid", "unborn"]
assert desk["grants"]["files"]["mounts"] == {"/data": "data", "/out": "out"}, desk
assert sorted(desk["grants"]["files"]["read"]) == ["/data/in", "/data/in/a.csv", "/data/kid", "/out/report",
                                                   "/out/report.tmp"], desk
assert desk["unmounted"] == ["/out"] and "files.write \"/data/in/*\"" in desk["unused"], desk
assert desk["grants"]["spawn"] == [{"templates": ["kid"], "max_children": 1}], desk
assert desk["grants"]["messaging"]["publish"] == ["kids.born", "orders.new"], desk
assert kid["grants"]["messaging"] == {"publish": ["kids.born"]} and kid["kind"] == "template", kid
assert quiet["grants"] == {"config": [], "clock": [], "random": [], "stdio": []}, quiet
assert not unborn["started"] and kid["started"]
END
run 2 run shop -o json
err_has '-o is for what --learn prints'

# ---------------------------------------------------------------- it allows what was used, and each part is needed

# The manifest with the grants that were printed, and one for each text in them that is left out.
mkdir shop/out
cat >splice.py <<'END'
import copy, json, os, re
text = open("before.toml").read()
app = json.load(open("learned"))
tables = {(a["kind"], a["name"]): a["grants"] for a in app["actors"]}
quote = json.dumps

def toml(kind, grants):
    out = f"[{kind}.grants]\n"
    plain = {k: v for k, v in grants.items() if isinstance(v, list) and not (v and isinstance(v[0], dict))}
    out += "".join(f"{k} = {quote(v)}\n" for k, v in plain.items())
    for key, value in grants.items():
        if key in plain:
            continue
        for one in value if isinstance(value, list) else [value]:
            out += f"[[{kind}.grants.{key}]]\n" if isinstance(value, list) else f"[{kind}.grants.{key}]\n"
            for k, v in one.items():
                if isinstance(v, dict):
                    v = "{ " + ", ".join(f"{quote(a)} = {quote(b)}" for a, b in v.items()) + " }"
                else:
                    v = quote(v)
                out += f"{quote(k)} = {v}\n"
    return out

def whole(tables):
    parts = re.split(r"(?m)^(?=\[\[)", text)
    made = ""
    for part in parts:
        head = re.match(r'\[\[(actor|template)\]\]\nname = "(.*)"', part)
        made += re.sub(r"(?ms)^\[(actor|template)\.grants.*", "", part)
        if head:
            made += toml(head[1], tables[head[1], head[2]])
    return made

def lists(value, path=()):
    if isinstance(value, dict):
        for k, v in value.items():
            if k != "mounts":
                yield from lists(v, path + (k,))
    elif isinstance(value, list):
        for i, v in enumerate(value):
            if isinstance(v, str):
                yield path, i
            else:
                yield from lists(v, path + (i,))
    elif isinstance(value, int) and value > 1:
        yield path, None

open("whole.toml", "w").write(whole(tables))
os.makedirs("less", exist_ok=True)
number = 0
for key, grants in tables.items():
    for path, i in lists(grants):
        less = copy.deepcopy(tables)
        at = less[key]
        for step in path:
            at, above = at[step], at
        if i is None:
            above[path[-1]] -= 1
        else:
            del at[i]
            # An empty list of templates is refused.
            if not at and path[0] == "spawn":
                del less[key]["spawn"]
        open(f"less/{number:03}.toml", "w").write(whole(less))
        open(f"less/{number:03}.what", "w").write(f"{key} {path} {i}: {grants}")
        number += 1
assert number > 20, number
END
python3 splice.py

# enforced MANIFEST TIMES…: runs the app under it; what desk said is in out, what was refused in refused.
enforced() {
    rm -rf shop/out state
    mkdir shop/out
    cp "$1" shop/airssys.toml
    start_node shop
    shift
    for _ in "$@"; do "$airssys" call desk x >out 2>err || true; done
    stop_node
    "$airssys" audit query $log --refused >refused 2>err || true
}
enforced whole.toml once
out_is '++++++++++++++'
[ ! -s refused ] || { cat refused >&2; fail 'refused under what was learned'; }
[ "$(cat shop/out/parts/9)" = 'one,2' ] || fail 'under what was learned it does what it does'
for file in less/*.toml; do
    enforced "$file" once
    [ -s refused ] || { cat "${file%.toml}.what" >&2; fail "$file: nothing is refused without it"; }
done

# ---------------------------------------------------------------- the printed text is the same, and can be pasted

cp before.toml shop/airssys.toml
rm -rf shop/out state
learn shop
run 0 call desk x
run 0 call desk x
stop_node
python3 - <<'END' || fail 'paste'
import re
learned = open("learned").read()
blocks = re.split(r"(?m)^# of the (actor|template) (.*)\n", learned)[1:]
tables = {(blocks[i], blocks[i + 1]): blocks[i + 2] for i in range(0, len(blocks), 3)}
made = ""
for part in re.split(r"(?m)^(?=\[\[)", open("before.toml").read()):
    head = re.match(r'\[\[(actor|template)\]\]\nname = "(.*)"', part)
    made += re.sub(r"(?ms)^\[(actor|template)\.grants.*", "", part)
    if head:
        made += tables[head[1], head[2]]
open("pasted.toml", "w").write(made)
END
enforced pasted.toml once again
out_is '++++++++++++++'
[ ! -s refused ] || { cat refused >&2; fail 'refused under what was printed'; }

# ---------------------------------------------------------------- a component alone; a hostile one

mkdir alone
cp shop/kid/build/kid.wasm alone/
cd alone
learn kid.wasm
run 0 call kid x
stop_node
cd ..
cp alone/learned alone/airssys.toml
has alone/airssys.toml 'component = "kid.wasm"'
has alone/airssys.toml 'publish = ["kids.born"]'
mkdir alone/data
echo x >alone/data/kid
cd alone
start_node .
run 0 call kid x
out_is '++'
stop_node
cd ..

# ---------------------------------------------------------------- a hostile one

mkdir -p rogue/src
cat >rogue/src/rogue.c <<'END'
#include <airssys/guest.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int published;

static airs_bytes of(const char *text) { return (airs_bytes){(const uint8_t *)text, strlen(text)}; }

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    char topic[32];
    FILE *file = fopen("/etc/passwd", "r");
    bool host = file != NULL;
    bool climbs = symlink("../../etc/passwd", "/here/link") == 0;
    bool links = symlink("inside", "/here/link") == 0;
    bool follows = fopen("/here/link", "r") != NULL;
    for (int i = 0; i < 1200; i++) {
        (void)snprintf(topic, sizeof topic, "topic.%d", i);
        published += airs_publish(of(topic), airs_text("x"), NULL) == AIRS_OK;
    }
    (void)snprintf(topic, sizeof topic, "%d %d %d %d %s", host, climbs, links, follows, published < 1024 ? "cut" : "all");
    return airs_answer(of(topic));
}
END
printf '[component]\nname = "rogue"\n[build]\nsources = ["src/rogue.c"]\nlibc = "wasi"\n' >rogue/airssys.toml
run 0 build rogue
learn rogue
run 0 call rogue x
out_is '0 0 1 0 cut'
stop_node
cp learned out
out_has '# it used more than can be learned of one actor, 1024 uses: what was past that was refused'
out_has '"topic.999"'
! grep -q '"topic.1199"' learned || fail 'more was learned than may be'
