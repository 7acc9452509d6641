// SPDX-License-Identifier: MIT OR Apache-2.0
//! wasi:filesystem: what the host allows is done beneath its mount, and nothing else is.

#[path = "../../core/tests/support/mod.rs"]
mod support;

use airssys_engine_core::abi;
use airssys_engine_wasi::Wasi;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::*;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().canonicalize().expect("a folder");
        let path = folder.join(format!("airssys-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("mount/sub")).expect("a folder");
        fs::write(path.join("mount/hello.txt"), "hello").expect("a file");
        fs::write(path.join("secret.txt"), "secret").expect("a file");
        Self(path)
    }

    fn at(&self, rest: &str) -> PathBuf {
        self.0.join("mount").join(rest)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn guest() -> Vec<u8> {
    let guests = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests"));
    let world = "import wasi:filesystem/types@0.2.3; import wasi:filesystem/preopens@0.2.3;
        import wasi:io/streams@0.2.3; import airssys:actor/messaging@0.1.0; include airssys:actor/with-actor@0.1.0;";
    let wit = include_str!("../../../tests/guests/wit/files.wit");
    componentize(module(guests, "files"), world, &[&actor_wit(), wit])
}

/// A guest with one mount, `/data`.
struct Bench {
    instance: TestInstance,
    folder: Folder,
    // Ended in this order.
    _component: TestComponent,
    _engine: TestEngine,
}

impl Bench {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let engine = TestEngine::with(&CONFIG, &HOST, Some(Box::new(Wasi::new(abi::Resolver::NONE))));
        let component = engine.load(&guest()).expect("it loads");
        let instance = component.ready();
        {
            let mut files = instance.actor.files.borrow_mut();
            files.mounts = vec![("/data".into(), folder.at("").to_str().expect("UTF-8").into())];
            files.epoch = 1;
        }
        Self { instance, folder, _component: component, _engine: engine }
    }

    /// What the guest answers to a command. Polls when it is woken.
    fn told(&self, command: &str) -> String {
        let message = message(command.as_bytes());
        assert_eq!(self.instance.call_handle(&message), abi::OK);
        let (waker, until) = (Waker::new(), Instant::now() + Duration::from_secs(30));
        let mut seen = 0;
        loop {
            match self.instance.poll_by(&waker) {
                Ended::Reply(reply) => return String::from_utf8(reply).expect("UTF-8"),
                Ended::Pending => (),
                ended => panic!("{command}: {ended:?}"),
            }
            while waker.woken() == seen {
                assert!(Instant::now() < until, "nobody woke it");
                std::thread::sleep(Duration::from_micros(200));
            }
            seen = waker.woken();
        }
    }

    #[track_caller]
    fn expect(&self, command: &str, told: &str) {
        assert_eq!(self.told(command), told, "{command}");
    }

    fn open_count(&self) -> u64 {
        self.instance.gauges.files_open.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[test]
fn a_file_is_read_and_written() {
    let bench = Bench::new("read");
    bench.expect("mounts", "ok /data");
    bench.expect("open 0 hello.txt r", "ok 1");
    bench.expect("read 1 3 1", "ok ell");
    bench.expect("read 1 99 5", "ok ");
    bench.expect("stat 1", "ok regular-file 5 1");
    bench.expect("type 1", "ok regular-file");
    bench.expect("write 1 0 x", "error bad-descriptor");
    bench.expect("size 1 0", "error bad-descriptor");
    bench.expect("writer 1", "error bad-descriptor");
    bench.expect("open 0 new.txt rw cx", "ok 2");
    bench.expect("open 0 new.txt rw cx", "error exist");
    bench.expect("write 2 0 abc", "ok 3");
    bench.expect("writer 2", "ok 3");
    bench.expect("put 3 ABCD", "ok");
    bench.expect("appender 2", "ok 4");
    bench.expect("put 4 EF", "ok");
    bench.expect("reader 2", "ok 5");
    bench.expect("take 5 100", "ok ABCDEF");
    bench.expect("take 5 100", "error closed");
    bench.expect("size 2 2", "ok");
    bench.expect("sync 2", "ok");
    bench.expect("touch 2", "ok");
    assert_eq!(fs::read_to_string(bench.folder.at("new.txt")).expect("it is there"), "AB");
    bench.expect("open 0 new.txt w t", "ok 6");
    bench.expect("stat 6", "ok regular-file 0 1");
    bench.expect("same 2 6", "ok yes");
    bench.expect("same 1 6", "ok no");
    bench.expect("open 0 missing r", "error no-entry");
}

#[test]
fn folders_and_names() {
    let bench = Bench::new("names");
    bench.expect("mkdir 0 made", "ok");
    bench.expect("mkdir 0 made", "error exist");
    bench.expect("open 0 made/a w c", "ok 1");
    bench.expect("open 0 made r d", "ok 2");
    bench.expect("type 2", "ok directory");
    bench.expect("open 2 a r", "ok 3");
    bench.expect("open 0 made/a r d", "error not-directory");
    bench.expect("open 0 made w", "error is-directory");
    bench.expect("open 0 made r cd", "error invalid");
    bench.expect("read 2 1 0", "error bad-descriptor");
    bench.expect("reader 2", "error is-directory");
    bench.expect("lister 1", "error not-directory");
    bench.expect("open 1 a r", "error not-directory");
    bench.expect("look 0 made/a", "ok regular-file 0 1");
    bench.expect("hash 0 made/a", "ok");
    bench.expect("touch-at 0 made/a", "ok");
    bench.expect("link 0 made/a 0 made/b", "ok");
    bench.expect("look 2 b", "ok regular-file 0 2");
    bench.expect("same 2 0", "ok no");
    bench.expect("names 2", if bench.told("names 2") == "ok a b" { "ok a b" } else { "ok b a" });
    bench.expect("unlink 0 made", "error is-directory");
    bench.expect("rmdir 0 made", "error not-empty");
    bench.expect("unlink 2 a", "ok");
    bench.expect("unlink 2 b", "ok");
    bench.expect("rmdir 0 made", "ok");
    bench.expect("stat 2", "error no-entry");
    bench.expect("rmdir 0 .", "error not-permitted");
    bench.expect("symlink 0 way hello.txt", "ok");
    bench.expect("readlink 0 way", "ok hello.txt");
    bench.expect("look 0 way", "ok symbolic-link 9 1");
    bench.expect("follow 0 way", "error loop");
    bench.expect("rename 0 hello.txt 0 new.txt", "ok");
    assert!(bench.folder.at("new.txt").exists() && !bench.folder.at("hello.txt").exists());
}

#[test]
fn a_long_folder_is_read_in_pieces() {
    let bench = Bench::new("long");
    for at in 0..1000 {
        fs::write(bench.folder.at(&format!("sub/{at}")), "").expect("a file");
    }
    bench.expect("open 0 sub r d", "ok 1");
    bench.expect("lister 1", "ok 2");
    assert_eq!(bench.open_count(), 1);
    let mut names: Vec<u32> = Vec::new();
    loop {
        match bench.told("next 2").split(' ').collect::<Vec<_>>()[..] {
            ["ok"] => break,
            ["ok", name, "regular-file"] => names.push(name.parse().expect("a number")),
            ref told => panic!("{told:?}"),
        }
    }
    names.sort();
    assert_eq!(names, (0..1000).collect::<Vec<_>>());
    bench.expect("drop 2", "ok");
    assert_eq!(bench.open_count(), 0);
}

#[test]
fn no_symbolic_link_is_followed() {
    let bench = Bench::new("links");
    symlink("../secret.txt", bench.folder.at("out")).expect("a link");
    symlink("..", bench.folder.at("up")).expect("a link");
    symlink(&bench.folder.0, bench.folder.at("absolute")).expect("a link");
    symlink("hello.txt", bench.folder.at("inside")).expect("a link");
    for path in ["out", "up/secret.txt", "absolute/secret.txt", "inside", "up"] {
        for how in ["r", "w", "rw", "w t", "r f", "w c"] {
            bench.expect(&format!("open 0 {path} {how}"), "error loop");
        }
    }
    bench.expect("open 0 up r d", "error loop");
    bench.expect("look 0 up/secret.txt", "error loop");
    bench.expect("mkdir 0 up/made", "error loop");
    bench.expect("unlink 0 up/secret.txt", "error loop");
    bench.expect("rename 0 hello.txt 0 up/hello.txt", "error loop");
    bench.expect("link 0 up/secret.txt 0 mine", "error loop");
    bench.expect("touch-at 0 up/secret.txt", "error loop");
    bench.expect("readlink 0 up/out", "error loop");
    // The link itself may be renamed where it is, and removed. Elsewhere it would lead elsewhere.
    bench.expect("mkdir 0 folder", "ok");
    bench.expect("link 0 out 0 out2", "error access");
    bench.expect("rename 0 out 0 folder/out", "error access");
    bench.expect("rename 0 out 0 out2", "ok");
    bench.expect("look 0 out2", "ok symbolic-link 13 1");
    bench.expect("touch-at 0 out2", "ok");
    bench.expect("unlink 0 out2", "ok");
    assert_eq!(fs::read_to_string(bench.folder.0.join("secret.txt")).expect("untouched"), "secret");
}

#[test]
fn only_files_and_folders_are_opened() {
    let mut bench = Bench::new("kinds");
    let made = std::process::Command::new("mkfifo").arg(bench.folder.at("fifo")).status().expect("mkfifo");
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(bench.folder.at("socket")).expect("a socket");
    bench.expect("open 0 fifo r", "error access");
    bench.expect("open 0 fifo rw", "error access");
    bench.expect("open 0 fifo w", "error access");
    bench.expect("open 0 socket r", "error access");
    bench.expect("look 0 fifo", "ok fifo 0 1");
    bench.instance = bench._component.ready();
    bench.instance.actor.files.borrow_mut().mounts = vec![
        ("/dev".into(), "/dev".into()),
        ("/proc".into(), "/proc".into()),
        ("/fd".into(), "/dev/fd".into()),
    ];
    bench.expect("open 0 null r", "error access");
    bench.expect("open 0 fd/0 r", "error loop");
    bench.expect("open 1 version r", "error access");
    bench.expect("open 1 self/mem rw", "error loop");
    bench.expect(&format!("open 1 {}/mem rw", std::process::id()), "error access");
    bench.expect("names 1", "error access");
    // A mount that is a link itself leads nowhere: the host gives the path behind it.
    bench.expect("open 2 0 r", "error loop");
    bench.expect("names 2", "error loop");
}

#[test]
fn what_the_host_refuses_is_not_done() {
    let bench = Bench::new("refused");
    bench.instance.actor.files.borrow_mut().refused = vec!["/data/hello.txt".into(), "/data/sub".into()];
    for command in [
        "open 0 hello.txt r",
        "open 0 hello.txt w t",
        "look 0 hello.txt",
        "unlink 0 hello.txt",
        "rename 0 hello.txt 0 a",
        "rename 0 a 0 hello.txt",
        "link 0 hello.txt 0 a",
        "symlink 0 hello.txt a",
        "readlink 0 hello.txt",
        "touch-at 0 hello.txt",
        "hash 0 hello.txt",
        "mkdir 0 sub",
        "rmdir 0 sub",
    ] {
        bench.expect(command, "error access");
    }
    assert_eq!(fs::read_to_string(bench.folder.at("hello.txt")).expect("untouched"), "hello");
    // Found to be a folder, it is asked about as one.
    bench.instance.actor.files.borrow_mut().refused = vec![];
    let asked = bench.instance.actor.files.borrow().asked;
    bench.expect("open 0 sub r", "ok 1");
    assert_eq!(bench.instance.actor.files.borrow().asked, asked + 2);
}

#[test]
fn what_is_open_is_refused_when_that_changes() {
    let bench = Bench::new("revoked");
    bench.expect("open 0 hello.txt rw", "ok 1");
    bench.expect("reader 1", "ok 2");
    bench.expect("writer 1", "ok 3");
    bench.expect("take 2 2", "ok he");
    bench.expect("open 0 sub r d", "ok 4");
    bench.expect("lister 4", "ok 5");
    let asked = bench.instance.actor.files.borrow().asked;
    bench.expect("read 1 5 0", "ok hello");
    bench.expect("stat 1", "ok regular-file 5 1");
    assert_eq!(bench.instance.actor.files.borrow().asked, asked, "nothing has changed");
    {
        let mut files = bench.instance.actor.files.borrow_mut();
        files.refused = vec!["/data/hello.txt".into(), "/data/sub".into()];
        files.epoch = 2;
    }
    for command in
        ["read 1 5 0", "write 1 0 x", "stat 1", "size 1 0", "sync 1", "touch 1", "reader 1", "appender 1"]
    {
        bench.expect(command, "error access");
    }
    bench.expect("take 2 2", "error failed");
    bench.expect("put 3 x", "error failed");
    bench.expect("next 5", "error access");
    bench.instance.actor.files.borrow_mut().refused = vec![];
    bench.instance.actor.files.borrow_mut().epoch = 3;
    bench.expect("take 2 3", "ok llo");
    assert_eq!(fs::read_to_string(bench.folder.at("hello.txt")).expect("untouched"), "hello");
}

#[test]
fn a_rename_keeps_to_what_the_host_said() {
    let bench = Bench::new("rename");
    fs::write(bench.folder.at("other.txt"), "other").expect("a file");
    bench.expect("rename 0 hello.txt 0 other.txt", "error exist");
    bench.expect("rename 0 sub 0 moved", "error access");
    bench.instance.actor.files.borrow_mut().rename = (true, false);
    bench.expect("rename 0 sub 0 moved", "ok");
    bench.instance.actor.files.borrow_mut().rename = (false, true);
    bench.expect("rename 0 hello.txt 0 other.txt", "ok");
    assert_eq!(fs::read_to_string(bench.folder.at("other.txt")).expect("replaced"), "hello");
}

#[test]
fn what_is_open_is_counted_until_its_last_stream_ends() {
    let mut bench = Bench::new("count");
    bench.expect("open 0 hello.txt r", "ok 1");
    bench.expect("reader 1", "ok 2");
    bench.expect("open 0 hello.txt r", "ok 3");
    assert_eq!(bench.open_count(), 2);
    bench.expect("drop 1", "ok");
    assert_eq!(bench.open_count(), 2, "its stream is open");
    bench.expect("drop 2", "ok");
    assert_eq!(bench.open_count(), 1);
    bench.expect("open 0 missing r", "error no-entry");
    bench.expect("open 0 sub r", "ok 4");
    assert_eq!(bench.open_count(), 1, "a folder is a path");
    bench.instance.end();
    assert_eq!(bench.open_count(), 0);
}

#[test]
fn files_use_less_stack_than_there_is() {
    let bench = Bench::new("stack");
    *bench.instance.actor.paint.borrow_mut() = 100 << 10;
    bench.expect("open 0 hello.txt rw", "ok 1");
    bench.expect("reader 1", "ok 2");
    for command in [
        "read 1 5 0",
        "take 2 5",
        "names 0",
        "rename 0 hello.txt 0 a",
        "stat 1",
        "mounts",
        "drop 1",
        "drop 2",
    ] {
        bench.told(command);
    }
    let used = *bench.instance.actor.stack_used.borrow();
    println!("files used {used} bytes of stack");
    assert!(used > 1024 && used < 32 << 10, "{used}");
}
