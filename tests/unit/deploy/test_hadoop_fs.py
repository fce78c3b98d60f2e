"""``hadoop fs``: every answer here is what Hadoop 3.4.2's own shell gave for the same files."""

import gzip
import io
import os
import shlex
import subprocess
import sys

import pytest

from pyrite.core.hadoop.sequence_file import SequenceFileWriter
from pyrite.deploy.hadoop_command import run
from pyrite.deploy.hadoop_fs.shell import COMMANDS

USAGE = "Usage: hadoop fs [generic options]"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A directory with a few files, which is the current one."""
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    monkeypatch.setenv("PYRITE_HDFS_DIR", str(tmp_path / "hdfs"))
    monkeypatch.setenv("HADOOP_USER_NAME", "ann")
    monkeypatch.setenv("TZ", "UTC")
    work = tmp_path / "work"
    for directory in ("d/sub", "e"):
        (work / directory).mkdir(parents=True)
    (work / "d/a.txt").write_bytes(b"a\nb\n")
    (work / "d/b.txt").write_bytes(b"hello")
    (work / "d/sub/c.txt").write_bytes(b"x")
    (work / "e0").touch()
    (work / "huge").write_bytes(b"")
    os.truncate(work / "huge", 1234567)
    (work / "big").write_text("".join(f"{n}\n" for n in range(1, 1001)))
    (work / "d/a.txt").chmod(0o644)
    (work / "d/b.txt").chmod(0o600)
    os.utime(work / "d/a.txt", (1704164645, 1704164645))
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def fs(capfdbinary):
    """Run a file command; return its exit code, output and messages."""

    def run_it(line, stdin=None):
        if stdin is not None:
            sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
        code = run("hadoop", ["fs", *shlex.split(line)])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    stdin = sys.stdin
    yield run_it
    sys.stdin = stdin


def listed(line):
    """The words of a line of -ls, without the owner and the time."""
    mode, copies, _, _, size, _, _, name = line.split(maxsplit=7)
    return mode, copies, size, name


def test_ls_of_a_directory(fs):
    code, out, err = fs("-ls d")
    lines = out.splitlines()
    assert (code, err, lines[0]) == (0, "", "Found 3 items")
    assert [line.split()[-1] for line in lines[1:]] == ["d/a.txt", "d/b.txt", "d/sub"]
    assert listed(lines[1]) == ("-rw-r--r--", "1", "4", "d/a.txt")
    assert "          4 2024-01-02 03:04 d/a.txt" in lines[1]
    assert listed(lines[2])[0] == "-rw-------"
    assert listed(lines[3])[:2] == ("drwxr-xr-x", "-")


def test_ls_shows_paths_as_they_were_asked_for(fs, place):
    names = {
        "-ls -C d": "d/a.txt",
        "-ls -C ./d/": "d/a.txt",
        f"-ls -C {place}/d": f"{place}/d/a.txt",
        f"-ls -C file://{place}/d": f"file://{place}/d/a.txt",
        "-ls -C d/*.txt": "d/a.txt",
        "-ls -C 'd/{a,z}*'": "d/a.txt",
        f"-ls -C 'file://{place}/d/a*'": f"file://{place}/d/a.txt",
    }
    assert {line: fs(line)[1].splitlines()[0] for line in names} == names


def test_a_link_to_nothing_is_not_there(fs, place):
    (place / "e/link").symlink_to("nowhere")
    (place / "e/file").touch()
    assert fs("-ls -C e") == (0, "e/file\n", "")


def test_ls_options(fs):
    assert fs("-ls e") == (0, "", "")
    assert fs("-ls -R -C d")[1].split() == ["d/a.txt", "d/b.txt", "d/sub", "d/sub/c.txt"]
    assert fs("-ls -d -C d")[1] == "d\n"
    assert "      1.2 M " in fs("-ls -h huge")[1]
    assert fs("-ls -S -C d/*.txt")[1].split() == ["d/a.txt", "d/b.txt"]
    assert fs("-ls -S -r -C big huge e0 d")[1].split()[:3] == ["big", "huge", "e0"]
    assert fs("-ls -t -C d")[1].split()[-1] == "d/a.txt"
    code, out, err = fs("-lsr d/sub")
    assert (code, out.split()[-1]) == (0, "d/sub/c.txt")
    assert err == "lsr: DEPRECATED: Please use 'ls -R' instead.\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-ls nope", "ls: `nope': No such file or directory"),
        ("-ls d/*.nope", "ls: `d/*.nope': No such file or directory"),
        ("-cat d", "cat: `d': Is a directory"),
        ("-cat nope", "cat: `nope': No such file or directory"),
        ("-text d", "text: `d': Is a directory"),
        ("-tail d", "tail: `d': Is a directory"),
        ("-put d/a.txt e0", "put: `e0': File exists"),
        ("-put nope x", "put: `nope': No such file or directory"),
        ("-put d/a.txt d/b.txt x", "put: `x': No such file or directory"),
        ("-put d e big", "put: `big': Is not a directory"),
        (
            "-put d/a.txt new/x",
            "put: `new/x': No such file or directory: `file:{place}/new/x'",
        ),
        ("-put big new/", "put: `new/': No such file or directory: `file:{place}/new'"),
        (
            "-put big e0/x",
            "put: Destination exists and is not a directory: {place}/e0",
        ),
        ("-get nope x", "get: `nope': No such file or directory"),
        ("-get big e0", "get: `e0': File exists"),
        ("-getmerge nope x", "getmerge: `nope': No such file or directory"),
        ("-mkdir e", "mkdir: `e': File exists"),
        ("-mkdir e0", "mkdir: `e0': Is not a directory"),
        ("-mkdir x/y", "mkdir: `file:{place}/x': No such file or directory"),
        ("-mkdir -p e0/x", "mkdir: Parent path is not a directory: file:{place}/e0"),
        ("-rmdir d", "rmdir: `d': Directory is not empty"),
        ("-rmdir nope", "rmdir: `nope': No such file or directory"),
        ("-rmdir e0", "rmdir: `e0': Is not a directory"),
        ("-rm nope", "rm: `nope': No such file or directory"),
        ("-rm d", "rm: `d': Is a directory"),
        ("-mv nope e", "mv: `nope': No such file or directory"),
        ("-mv d/b.txt e0", "mv: `e0': File exists"),
        ("-mv e x y", "mv: `y': No such file or directory"),
        (
            "-mv d/b.txt new/x",
            "mv: `new/x': No such file or directory: `file:{place}/new/x'",
        ),
        ("-cp d/a.txt d/a.txt", "cp: `d/a.txt': File exists"),
        ("-cp d d/sub", "cp: `d' to `d/sub/d': is a subdirectory of itself"),
        ("-put e0 'd/*.txt'", "put: `d/*.txt': Too many matches"),
        ("-cp big 'q?'", "cp: `q?': No such file or directory"),
        ("-mv d d/..", "mv: `d' to `file:{place}/d': are identical"),
        ("-put nope e0", "put: `e0': File exists"),
        ("-put nope a e0", "put: `e0': Is not a directory"),
        ("-cat d/..", "cat: `.': Is a directory"),
        ("-cp d/.. d/sub", "cp: `.' to `d/sub/work': is a subdirectory of itself"),
        ("-head 'd/*'", "head: `d/*': No such file or directory"),
        ("-tail d/", "tail: `d/': Is a directory"),
        ("-touchz 'q?'", "touchz: `q?': No such file or directory"),
        ("-touchz big", "touchz: `big': Not a zero-length file"),
        ("-touchz d", "touchz: `d': Is a directory"),
        ("-stat nope", "stat: `nope': No such file or directory"),
        ("-find nope", "find: `nope': No such file or directory"),
        ("-find d -type f", "find: Unexpected argument: -type"),
        ("-du nope", "du: `nope': No such file or directory"),
        ("-count nope", "count: `nope': No such file or directory"),
        ("-df nope", "df: `nope': No such file or directory"),
        ("-chmod 644 nope", "chmod: `nope': No such file or directory"),
        ("-appendToFile big", "appendToFile: missing destination argument"),
    ],
)
def test_what_fails_ends_with_1_and_hadoops_message(fs, place, line, message):
    assert fs(line) == (1, "", message.format(place=place) + "\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-ls -Z d", "-ls: Illegal option -Z"),
        ("-cp -r e d", "-cp: Illegal option -r"),
        ("-cat", "-cat: Not enough arguments: expected 1 but got 0"),
        ("-getmerge e", "-getmerge: Not enough arguments: expected 2 but got 1"),
        ("-test d", "-test: No test flag given"),
        ("-test -ez e0", "-test: Illegal option -ez"),
        ("-ls ''", "-ls: Can not create a Path from an empty string"),
        ("-chmod 9 e0", "-chmod: chmod : mode '9' does not match the expected pattern."),
        (
            "-touch -t bad e0",
            "-touch: Unable to parse the specified timestamp bad. "
            "The expected format is yyyyMMdd:HHmmss",
        ),
    ],
)
def test_what_means_nothing_ends_with_255_and_the_usage(fs, line, message):
    code, out, err = fs(line)
    name = line.split()[0]
    assert (code, out) == (255, "")
    assert err.splitlines() == [message, f"{USAGE} {name} {COMMANDS[name[1:]].usage}"]


def test_unknown_commands_name_the_nearest(fs):
    code, _, err = fs("-lss")
    assert code == 255
    assert err.startswith("-lss: Unknown command\nDid you mean -ls?\n")
    assert "Did you mean -ls?  This command begins with a dash." in fs("ls")[2]


def test_errors_do_not_stop_the_rest(fs):
    code, out, err = fs("-ls -C d/a.txt nope e0")
    assert (code, out.split(), err.count("\n")) == (1, ["d/a.txt", "e0"], 1)


def test_cat_writes_bytes_as_they_are(fs, place, capfdbinary):
    (place / "bytes").write_bytes(b"\xff\x00\r\n")
    assert run("hadoop", ["fs", "-cat", "bytes", "d/b.txt"]) == 0
    assert capfdbinary.readouterr().out == b"\xff\x00\r\nhello"
    assert fs("-cat 'd/*.txt'") == (0, "a\nb\nhello", "")


def test_text_unpacks(fs, place):
    (place / "z.gz").write_bytes(gzip.compress(b"packed\n"))
    (place / "no-suffix").write_bytes(gzip.compress(b"packed too\n"))
    assert fs("-text z.gz no-suffix d/b.txt") == (0, "packed\npacked too\nhello", "")


def test_text_of_a_sequence_file(fs, place):
    with open(place / "seq", "wb") as file:
        text = "org.apache.hadoop.io.Text"
        with SequenceFileWriter(file, text, text) as writer:
            writer.write_all([("k", "v"), ("k2", "")])
    assert fs("-text seq") == (0, "k\tv\nk2\t\n", "")


def test_head_and_tail_show_a_kilobyte(fs, place):
    content = (place / "big").read_text()
    assert fs("-head big") == (0, content[:1024], "")
    assert fs("-tail big") == (0, content[-1024:], "")


def test_put_copies_files_directories_and_stdin(fs, place):
    assert fs("-put d copy") == (0, "", "")
    assert fs("-put d copy") == (0, "", "")
    assert (place / "copy/d/sub/c.txt").read_text() == "x"
    assert fs("-put -f big copy/a.txt")[0] == 0
    assert (place / "copy/a.txt").read_text() == (place / "big").read_text()
    assert fs("-put - typed", stdin=b"hello\n") == (0, "", "")
    assert fs("-put - e", stdin=b"x") == (0, "", "")
    assert (place / "typed").read_text() == "hello\n"
    assert sorted(os.listdir(place / "e")) == ["-"]
    assert fs("-put big d/a.txt e/")[0] == 0
    assert sorted(os.listdir(place / "e")) == ["-", "a.txt", "big"]


def test_moveFromLocal_removes_what_it_copied(fs, place):
    assert fs("-moveFromLocal d/a.txt moved")[0] == 0
    assert (place / "moved").exists()
    assert not (place / "d/a.txt").exists()


def test_get_copies_here(fs, place):
    assert fs("-get d/*.txt e") == (0, "", "")
    assert sorted(os.listdir(place / "e")) == ["a.txt", "b.txt"]
    assert fs("-copyToLocal -p d/a.txt here")[0] == 0
    assert os.stat("here").st_mtime == 1704164645
    assert fs("-get d got")[0] == 0
    assert (place / "got/sub/c.txt").exists()


def test_getmerge(fs, place):
    assert fs("-getmerge d new/merged") == (0, "", "")
    assert (place / "new/merged").read_text() == "a\nb\nhello"
    assert fs("-getmerge -nl e0 d/a.txt d/b.txt merged")[0] == 0
    assert (place / "merged").read_text() == "\na\nb\n\nhello\n"
    assert fs("-getmerge -nl -skip-empty-file e0 d/b.txt merged")[0] == 0
    assert (place / "merged").read_text() == "hello\n"


def test_mkdir_rm_and_rmdir(fs, place):
    assert fs("-mkdir -p x/y x") == (0, "", "")
    assert fs("-rm -r 'x/*' e0") == (0, "Deleted x/y\nDeleted e0\n", "")
    assert fs("-rmdir x") == (0, "", "")
    assert fs("-rm -r -f -skipTrash nope 'no*'") == (0, "", "")
    assert fs("-rmdir --ignore-fail-on-non-empty d") == (0, "", "")
    assert fs("-rmr e") == (0, "Deleted e\n", "rmr: DEPRECATED: Please use '-rm -r' instead.\n")
    assert sorted(os.listdir(place)) == ["big", "d", "huge"]


def test_nobody_removes_everything(fs, monkeypatch):
    monkeypatch.setattr("pyrite.core.hadoop.filesystem.LocalFileSystem.delete", None)
    fs("-put big hdfs:///big")
    for everything in ("/", "hdfs:///", "file:///"):
        code, _, err = fs(f"-rm -r {everything}")
        assert (code, "this is everything" in err) == (1, True)


@pytest.mark.parametrize(
    ("option", "yes", "no"),
    [
        ("-e", "d", "nope"),
        ("-e", "'d/*'", "'no*'"),
        ("-d", "d", "e0"),
        ("-f", "e0", "d"),
        ("-z", "e0", "big"),
        ("-s", "big", "e0"),
    ],
)
def test_test_answers_by_the_exit_code(fs, option, yes, no):
    assert fs(f"-test {option} {yes}") == (0, "", "")
    code, out, err = fs(f"-test {option} {no}")
    assert (code, out) == (1, "")
    assert err == ("test: `no*': No such file or directory\n" if "*" in no else "")


def test_du_count_and_their_columns(fs):
    assert fs("-du huge d/a.txt")[1] == "1234567  1234567  huge\n4        4        d/a.txt\n"
    assert fs("-du -s -h huge d")[1] == "1.2 M  1.2 M  huge\n10     10     d\n"
    assert fs("-du -v huge")[1] == (
        "SIZE     DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS  FULL_PATH_NAME\n"
        "1234567  1234567                                huge\n"
    )
    assert fs("-count d")[1] == "           2            3                 10 d\n"
    assert fs("-count -h huge")[1] == "           0            1              1.2 M huge\n"
    assert fs("-count -v -q huge")[1] == (
        "       QUOTA       REM_QUOTA     SPACE_QUOTA REM_SPACE_QUOTA    DIR_COUNT   FILE_COUNT"
        "       CONTENT_SIZE PATHNAME\n"
        "        none             inf            none             inf            0            1"
        "            1234567 huge\n"
    )
    assert fs("-count -u huge")[1].split() == ["none", "inf", "none", "inf", "huge"]
    heads, values = fs("-df .")[1].splitlines()
    assert heads.split() == ["Filesystem", "Size", "Used", "Available", "Use%"]
    assert values.startswith("file:///  ")
    assert len(heads) == len(values)


def test_stat(fs):
    assert fs("-stat d/a.txt")[1] == "2024-01-02 03:04:05\n"
    layout = "%b %F %n %o %r %a %A %y %Y %% %q"
    assert fs(f"-stat '{layout}' d/a.txt")[1] == (
        "4 regular file a.txt 33554432 1 644 rw-r--r-- 2024-01-02 03:04:05 1704164645000 % q\n"
    )
    assert fs("-stat %F d")[1] == "directory\n"


def test_find(fs):
    assert fs("-find d -name '*.txt'")[1].split() == ["d/a.txt", "d/b.txt", "d/sub/c.txt"]
    assert fs("-find d -iname 'A.T*' -print0")[1] == "d/a.txt\0"
    assert fs("-find . -name 'e*'")[1].split() == ["e", "e0"]


def test_mv_and_cp(fs, place):
    assert fs("-mv d/a.txt d/b.txt e") == (0, "", "")
    assert fs("-mv e moved") == (0, "", "")
    assert fs("-cp moved hdfs:///") == (0, "", "")
    assert fs("-ls -C hdfs:///moved")[1].split() == ["hdfs:///moved/a.txt", "hdfs:///moved/b.txt"]
    assert fs("-ls -C hdfs:///")[1] == "hdfs:///moved\n"
    assert fs("-cp moved d") == (0, "", "")
    assert sorted(os.listdir(place / "d/moved")) == ["a.txt", "b.txt"]
    assert fs("-cp -f moved/a.txt moved/b.txt")[0] == 0
    assert (place / "moved/b.txt").read_text() == "a\nb\n"


def test_a_file_copied_over_itself_stays_as_it_is(fs, place):
    fs("-put big hdfs:///big")
    for line in ("-get -f big big", "-cp -f -d big .", "-put -f -d hdfs:///big hdfs:///big"):
        assert fs(line) == (0, "", "")
    code, _, err = fs("-moveFromLocal -f big .")
    assert (code, "are identical" in err) == (1, True)
    assert len((place / "big").read_text().split()) == 1000
    assert len(fs("-cat hdfs:///big")[1].split()) == 1000


def test_touch_chmod_and_appendToFile(fs, place):
    assert fs("-touch -t 20240102:030405 new")[0] == 0
    assert os.stat("new").st_mtime % 60 == 5
    assert fs("-touch -c other")[0] == 0
    assert not (place / "other").exists()
    assert fs("-touchz zero zero") == (0, "", "")
    fs("-chmod 600 new")
    assert fs("-chmod u+x,g=r new")[0] == 0
    assert os.stat("new").st_mode & 0o777 == 0o740
    assert fs("-chmod -R g+rwX d")[0] == 0
    assert os.stat("d/sub").st_mode & 0o070 == 0o070
    assert os.stat("d/b.txt").st_mode & 0o777 == 0o660
    fs("-put big tail")
    assert fs("-appendToFile - d/b.txt tail", stdin=b"more\n")[0] == 0
    assert fs("-tail tail")[1].endswith("1000\nmore\nhello")
    assert fs("-setrep 2 tail")[1] == "Replication 2 set: tail\n"


def test_hdfs_without_a_host(fs, tmp_path):
    assert fs("-mkdir -p hdfs:///user/ann/in") == (0, "", "")
    assert fs("-mkdir hdfs:///x/y")[2] == "mkdir: `hdfs:///x': No such file or directory\n"
    assert fs("-put big hdfs:///user/ann/in/big") == (0, "", "")
    assert (tmp_path / "hdfs/user/ann/in/big").exists()
    assert fs("-ls -C 'hdfs:///user/*/in'")[1] == "hdfs:///user/ann/in/big\n"
    assert fs("-ls hdfs:///user/ann/in")[1].splitlines()[0] == "Found 1 items"
    assert fs("-cat hdfs:///nope")[2] == "cat: `hdfs:///nope': No such file or directory\n"


def test_the_default_file_system(fs, tmp_path, place, monkeypatch):
    monkeypatch.setenv("HADOOP_CONF_DIR", "")  # --config sets it: it is to be as it was, then
    fs("-mkdir -p hdfs:///user/ann/in")
    (tmp_path / "core-site.xml").write_text(
        "<configuration><property><name>fs.defaultFS</name><value>hdfs:///</value></property>"
        "</configuration>"
    )
    for given in ("-fs hdfs:///", "-D fs.defaultFS=hdfs:///", "-Dfs.default.name=hdfs:///"):
        assert fs(f"{given} -ls -C")[1] == "in\n"
    assert fs(f"-conf {tmp_path}/core-site.xml -ls -C /user")[1] == "/user/ann\n"
    assert run("hadoop", ["--config", str(tmp_path), "fs", "-put", "big", "in"]) == 0
    assert (tmp_path / "hdfs/user/ann/in/big").exists()
    assert fs("-fs local -ls -C e0")[1] == "e0\n"


def test_other_file_systems(fs):
    assert fs("-put big memory://here/big") == (0, "", "")
    assert fs("-ls memory://here")[1].split()[-1] == "memory://here/big"
    assert fs("-mv memory://here/big moved")[2].startswith("mv: `memory://here/big': Does not")
    assert fs("-get memory://here/big back")[0] == 0
    assert fs("-chmod 600 memory://here/big")[0] == 1
    assert fs("-rm -r memory://here")[0] in (0, 1)
    code, _, err = fs("-ls nothing://x/")
    assert (code, 'No FileSystem for scheme "nothing"' in err) == (1, True)


def test_help_tells_of_every_command(fs):
    text = fs("-help")[1]
    assert all(f"-{name} {command.usage} :" in text for name, command in COMMANDS.items())
    assert fs("-usage ls")[1] == f"{USAGE} -ls {COMMANDS['ls'].usage}\n"
    assert fs("-help nope")[0] == 255
    assert fs("")[0] == 255


def test_a_reader_that_leaves_is_no_error(place):
    code = "from pyrite.deploy.hadoop_command import hadoop; hadoop()"
    command = f"{sys.executable} -c '{code}' fs -cat huge | head -c 1 | wc -c"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=True, env=environment
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")
