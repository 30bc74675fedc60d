"""Whatever is handed in, in whatever layout: each student has one entry, and none can disturb another."""

import gzip
import io
import itertools
import os
import random
import stat
import struct
import sys
import tarfile
import time
import zipfile
import zlib

import pytest

from grader.classroom.archives import MOST_PARTS
from grader.classroom.intake import entries
from grader.classroom.submission import LARGEST_FILE, LONGEST_TEXT, MOST_FILES, MOST_NOTES
from grader.errors import CourseError
from grader.source.package import source_files

from .handing_in import EXPORTS, IDS, WORK, tarred, within, write, zipped


def loaded(source, roster=None):
    return [entry.load() for entry in entries(source, roster)]


def alone(source, roster=None):
    (submission,) = loaded(source, roster)
    return submission


@pytest.fixture
def handed(tmp_path):
    """Hands in one archive of this content, as one student of a class of two; what became of it."""

    folders = (tmp_path / f"class {number}" for number in itertools.count())

    def hand_in(content, name="ada.zip"):
        folder = write(next(folders), {name: content, **within("bob")})
        ada, bob = sorted(loaded(folder), key=lambda one: one.id == "bob")
        assert bob.files == WORK and not bob.problem and not bob.notes
        return ada

    return hand_in


@pytest.mark.parametrize("form", ["folder", "zip", "zip of the folder", "tar", "tar.gz"])
@pytest.mark.parametrize("layout", EXPORTS)
def test_an_export_of_each_platform_is_read(layout, form, tmp_path):
    name, files = EXPORTS[layout]
    source = tmp_path / name
    if form == "folder":
        write(source, files)
    elif form.startswith("zip"):
        source = tmp_path / f"{name}.zip"
        source.write_bytes(zipped(within(name, files) if form != "zip" else files))
    else:
        source = tmp_path / f"{name}.{form}"
        source.write_bytes(tarred(files, "w:gz" if form == "tar.gz" else "w:"))
    found = loaded(source)
    assert [one.id for one in found] == IDS.get(layout, ["ada", "grace"])
    for one in found:
        assert one.problem is None and one.files == WORK, one


def test_names_and_notes_come_from_the_platform(tmp_path):
    def of(layout):
        return loaded(write(tmp_path / layout / EXPORTS[layout][0], EXPORTS[layout][1]))

    assert [one.name for one in of("moodle")] == ["Ada Lovelace", "Grace Hopper"]
    ada, grace, zoe = of("gradescope")
    assert [ada.name, zoe.name] == ["Ada Lovelace", "Zoë Okła"] and not ada.notes
    assert grace.notes == ("handed in together with Zoë Okła",)
    assert of("canvas")[1].notes == ("handed in late",)
    assert "the last of 2 attempts, 2026-01-31-10-00-00" in of("blackboard")[0].notes


ROSTER = "id,name\n0012,Ada Lovelace\n0013,Grace Hopper\n0099,Missing Person\n"


@pytest.mark.parametrize("layout", ["gradescope", "moodle", "canvas"])
def test_a_roster_names_the_students_by_id_or_name(layout, tmp_path):
    source = write(tmp_path / EXPORTS[layout][0], EXPORTS[layout][1])
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    ada, grace, *others = loaded(source, roster)
    assert (ada.id, ada.name, ada.files) == ("0012", "Ada Lovelace", WORK)
    assert (grace.id, grace.name, grace.files) == ("0013", "Grace Hopper", WORK)
    missing = others[-1]
    assert (missing.id, missing.problem, missing.files) == ("0099", "nothing handed in", {})
    for one in others[:-1]:
        assert one.id == "0014" and "not on the roster" in one.notes[0]


def test_a_roster_may_name_a_submission_or_a_pattern_and_leaves_nobody_out(tmp_path):
    source = write(tmp_path / "class", {f"{name}.zip": zipped() for name in ("a1", "b-final", "b-draft", "c", "d")})
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "ID;Name;Submission;Pattern\n7;Ann;a1.zip;\n8;Bo;;B*\n9;Cy;nowhere;\n10;Di;d;\n11;Di's partner;d.zip;\n",
        encoding="utf-8-sig",
    )
    found = {one.id: one for one in loaded(source, roster)}
    assert list(found) == ["10", "11", "7", "8", "9", "b-draft", "b-final", "c"]
    assert found["7"].files == found["10"].files == found["11"].files == WORK
    assert "unclear" in found["8"].problem and "b-draft.zip" in found["8"].problem
    assert found["9"].problem == "nothing handed in: there is no submission nowhere"
    assert found["c"].files == WORK and found["c"].notes == ("not on the roster (handed in as c.zip)",)


ATTEMPT = "HW_ada_attempt_2026-01-31-23-59-59"


@pytest.mark.parametrize(
    ("labels", "column", "wanted"),
    [
        (["hw[1]-ada.zip"], "pattern", "hw[1]-ada*"),
        (["hw-Jo\N{COMBINING DIAERESIS}rg.zip"], "pattern", "*-J\xf6rg"),
        (["Jo\N{COMBINING DIAERESIS}rg.zip"], "submission", "J\xf6rg"),
        (["J\xf6rg.zip"], "submission", "Jo\N{COMBINING DIAERESIS}rg.zip"),
        ([f"{ATTEMPT}.txt", f"{ATTEMPT}_work.zip"], "submission", f"{ATTEMPT}_work.zip"),
        (["ada_12_801_notes.pdf", "ada_12_802_work.zip"], "submission", "ada_12_802_work"),
    ],
)
def test_a_roster_names_a_submission_by_any_of_its_files_as_it_is_written(labels, column, wanted, tmp_path):
    source = write(tmp_path / "class", dict.fromkeys(labels, zipped()))
    roster = tmp_path / "roster.csv"
    roster.write_text(f"id,name,{column}\n7,Ann,{wanted}\n", encoding="utf-8")
    assert [(one.id, one.files) for one in loaded(source, roster)] == [("7", WORK)]


@pytest.mark.parametrize(
    ("label", "row"),
    [
        ("hw1-s0815", "s0815,Ada"),
        ("s0815@uni.example", "S0815,Ada"),
        ("Lovelace, Ada", "1,Ada Lovelace"),
        ("homework ada lovelace final", "1,Ada Lovelace"),
        ("kinglovelaceada_21_901_work.zip", "1,Ada King Lovelace"),
        ("ZOE OKLA", "1,Zoë Okła"),
        ("ada", "ada@uni.example,Ada"),
    ],
)
def test_a_student_is_found_by_what_stands_in_a_name(label, row, tmp_path):
    files = {label: zipped(), "hoppergrace_22_902_work.zip": zipped()} if label.endswith(".zip") else within(label)
    source = write(tmp_path / "class", {**files, **within("someone else")})
    roster = tmp_path / "roster.csv"
    roster.write_text(f"id,name\n{row}\n", encoding="utf-8")
    assert [one.files for one in loaded(source, roster) if one.id == row.split(",")[0]] == [WORK]


def test_one_name_for_two_students_decides_nothing(tmp_path):
    source = write(tmp_path / "class", {**within("Ada Lovelace 1"), **within("Ada Lovelace 2")})
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n0815,Ada Lovelace\n0816,Lovelace Ada\n", encoding="utf-8")
    found = loaded(source, roster)
    assert len(found) == 4 and all("unclear" in one.problem for one in found if one.id.startswith("08"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"student,name\n1,Ada\n", "no column \"id\"; its columns are: 'student', 'name'; expected a CSV file"),
        (b"id,name\n1,Ada\n2,Bo\n1,Cy\n", "line 4: the id '1' is also in line 2"),
        (b"id,name\nada,A\nADA,B\n", "line 3: the id 'ADA' is also in line 2 as 'ada'"),
        (b"id,name\n1,Ada\n2,Zo\xeb\n", "line 3: not UTF-8; save it again"),
        (b"id,name\n1,Lovelace, Ada\n", "line 2: 3 cells, but 2 columns; put"),
        (b"id,name\n,Ada\n", "line 2: the id is empty"),
        (b"id,name\n", "no students"),
        (b"", 'no column "id"; its columns are: none'),
        (b'id,name\n1,"Ada\n', "line 2: unexpected end of data"),
        (b"id,id,name\n1,2,Ada\n", 'two columns "id"'),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not UTF-8"),
    ],
    ids=range(11),
)
def test_a_roster_that_is_not_as_expected_is_refused_with_the_repair(content, message, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_bytes(content)
    with pytest.raises(CourseError) as error:
        entries(write(tmp_path / "class", within("ada")), roster)
    assert "roster.csv" in str(error.value) and message in str(error.value)


@pytest.mark.parametrize(
    "content",
    [
        "id,name\n12,Zoë\n".encode("utf-8-sig"),
        "id;name\r\n12;Zoë\r\n".encode(),
        "sep=;\r\nid;name\r\n12;Zoë\r\n".encode(),
        "ID\tName\r\n12\tZoë\r\n".encode("utf-16"),
        'extra,"Name", id\n"a, b",Zoë,12\n\n'.encode(),
        'sep=;\rid;name;extra\r12;Zoë;"a, b, c, d, e"\r'.encode(),
    ],
    ids=["BOM", "semicolons", "sep=", "UTF-16", "order", "macOS"],
)
def test_a_roster_may_look_as_spreadsheets_write_it(content, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_bytes(content)
    one = alone(write(tmp_path / "class", {**within("12")}), roster)
    assert (one.id, one.name, one.files) == ("12", "Zoë", WORK)


@pytest.mark.parametrize("where", ["", "starter", "homework", "homework/starter", "a/b/starter"])
def test_the_package_is_found_wherever_it_lies(where, tmp_path):
    inner = within(where) if where else WORK
    files = {"ada.zip": zipped(inner), **within("bob", inner), **within("cy/__MACOSX", inner)}
    source = write(tmp_path / "class", files)
    ada, bob, cy = loaded(source)
    assert ada.files == bob.files == WORK and not ada.notes
    assert "no folder neural_framework/" in cy.problem


def test_of_two_packages_the_one_in_starter_counts_with_a_note(tmp_path):
    other = {"neural_framework/__init__.py": b"other"}
    files = within("ada/starter") | within("ada/solutions", other) | within("ada", other) | within("ada/x/y", other)
    files |= within("bob/b", other) | within("bob/a")
    ada, bob = loaded(write(tmp_path / "class", files))
    assert ada.files == bob.files == WORK
    assert ada.notes == (
        "taken from ada/starter/neural_framework, not from ada/neural_framework, ada/solutions/neural_framework, "
        "ada/x/y/neural_framework",
    )
    assert len(bob.notes) == 1


def test_a_package_in_a_package_is_its_own_only_where_the_outer_one_is_a_mere_folder(tmp_path):
    inner = within("neural_framework", {"neural_framework/copy.py": b""})
    twice = within("ada", {**WORK, **inner}) | within("bob/neural_framework")
    ada, bob = loaded(write(tmp_path / "class", twice))
    assert set(ada.files) == {*WORK, "neural_framework/neural_framework/copy.py"}
    assert bob.files == WORK and not ada.notes


def test_what_is_taken_is_what_the_grader_finds_in_a_tree(tmp_path):
    files = {
        **WORK,
        "neural_framework/.ipynb_checkpoints/tensor-checkpoint.py": b"",
        "neural_framework/__pycache__/tensor.py": b"",
        "neural_framework/venv/pyvenv.cfg": b"",
        "neural_framework/venv/lib/x.py": b"",
        "neural_framework/v1.2/x.py": b"",
        "neural_framework/._tensor.py": b"",
        "neural_framework/data.json": b"{}",
        "neural_framework/of mine/ü.py": b"",
        "venv/pyvenv.cfg": b"",
        "venv/neural_framework/x.py": b"",
        "helpers.py": b"",
    }
    tree = write(tmp_path / "class" / "ada", files)
    write(tmp_path / "class", {"bob.zip": zipped(files), "cy.tar.gz": tarred(files)})
    for one in loaded(tmp_path / "class"):
        assert set(one.files) == set(source_files(tree)) and not one.notes


def test_a_single_submission_is_one_too(tmp_path):
    assert alone(write(tmp_path / "ada", within("starter"))).id == "ada"
    (tmp_path / "bob.zip").write_bytes(zipped())
    assert alone(tmp_path / "bob.zip").files == WORK


@pytest.mark.parametrize(
    "names",
    [
        ["Ada Lovelace_12_assignsubmission_file_/a.zip", "Ada Lovelace_12_assignsubmission_file_/b.zip"],
        ["export/Ada Lovelace_12_assignsubmission_file_/a.zip"],
        ["export/ada_12_801_work.zip"],
        [f"export/{ATTEMPT.replace('ada', '12')}.txt", f"export/{ATTEMPT.replace('ada', '12')}_work.zip"],
        ["roster.csv", "class-submissions/class-12/neural_framework/__init__.py"],
    ],
)
def test_who_handed_in_alone_is_the_student_of_the_export(names, tmp_path):
    assert alone(write(tmp_path / "class", dict.fromkeys(names, zipped()))).id == "12"


@pytest.mark.parametrize("other", ["roster.csv", "README.md"])
def test_a_class_may_lie_next_to_files_that_are_none(other, tmp_path):
    files = {other: b"", **within("class/ada"), **within("class/bob/starter")}
    assert [one.id for one in loaded(write(tmp_path, files))] == ["ada", "bob"]


def test_a_student_called_starter_hides_nobody(tmp_path):
    source = write(tmp_path / "class", {**within("starter"), **within("ada"), **within("neural_framework")})
    assert [one.id for one in loaded(source)] == ["ada", "neural_framework", "starter"]


@pytest.mark.parametrize("make", ["missing", "empty", "a text", "a broken zip"])
def test_a_class_that_is_none_is_refused(make, tmp_path):
    source = tmp_path / "class"
    if make == "empty":
        source.mkdir()
    elif make != "missing":
        source.write_bytes(b"hello\n" if make == "a text" else zipped()[:-30])
    with pytest.raises(CourseError, match="class"):
        entries(source)


def test_ids_are_safe_and_unique_file_names(tmp_path):
    names = ["Ada", "a b", "a-b", "=1+1", "-rf", "Ünïcode ß", "张伟"]
    if os.name == "posix":
        names += ["con", "NUL.x", "ada", "x" * 200, "end.", "a\u202eb"]
    source = tmp_path / "class"
    for name in names:
        write(source, within(name))
    found = entries(source)
    ids = [one.id for one in found]
    assert len({one.casefold() for one in ids}) == len(names) and {one.name for one in found} == set(names)
    for one in ids:
        assert one.isascii() and set(one) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@+")
        assert one[0].isalnum() and one[-1].isalnum() and len(one) <= 60
        assert one.lower().split(".")[0] not in ("con", "nul")
    assert "Unicode-ss" in ids and "1+1" in ids and "rf" in ids
    if os.name == "posix":
        assert ids == [one.id for one in entries(source)]
        write(source, within("ADA"))
        assert set(ids) <= {one.id for one in entries(source)}  # who comes later changes no other's id


def test_a_name_in_no_encoding_is_taken_in(tmp_path):
    if sys.platform != "linux":
        pytest.skip("other systems refuse such names")
    source = write(tmp_path / "class", within("ada"))
    os.rename(os.fsencode(source / "ada"), os.fsencode(source) + b"/ad\xe4\n\x1b[2J")
    one = alone(source)
    assert one.files == WORK and one.id.isascii() and one.name.encode()
    assert one.digest == alone(source).digest


def test_a_file_name_that_a_student_chose_claims_nobody_elses_work(tmp_path):
    date = "2026-01-31-10-00-00"
    names = [f"hw_1_{user}_attempt_{date}_w.zip" for user in ("a_da", "bob")]
    names += [f"hw_1_eve_attempt_{date}_x_bob_attempt_2099-01-31-10-00-00_w.zip"]
    assert [one.id for one in loaded(write(tmp_path / "b", dict.fromkeys(names, zipped())))] == ["a_da", "bob", "eve"]
    names = ["Bob_12_assignsubmission_file_w.zip", "Eve_13_assignsubmission_file_x_12_assignsubmission_file_w.zip"]
    assert [one.name for one in loaded(write(tmp_path / "m", dict.fromkeys(names, zipped())))] == ["Bob", "Eve"]
    forged = b"bob:\n  :submitters:\n  - :name: Eve\n"
    source = write(tmp_path / "g", {**within("bob"), **within("eve"), "submission_metadata.yml": forged})
    assert [one.name for one in loaded(source)] == ["bob", "eve"]


DATE = "2026-01-31-10-00-00"
# Beginnings of names that a platform gave, of Ada's, Bob's and Eve's work.
GIVEN = {
    "canvas": ["lovelaceada_101_9001_", "smithbob_102_9002_", "milleve_103_9003_"],
    "moodle": [f"{name}_assignsubmission_file_" for name in ("Ada Lovelace_101", "Bob Smith_102", "Eve Mill_103")],
    "blackboard": [f"HW_01_{name}_attempt_{DATE}_" for name in ("ada.lovelace", "bob.smith", "eve.mill")],
}


def class_of_three(folder, layout, of_eve, rows):
    """A class in which Eve chose the names of her files: each submission, by its id."""
    *names, eve = GIVEN[layout]
    files = {f"{name}w.zip": zipped({"neural_framework/a.py": name.encode()}) for name in names}
    files |= {f"{eve}{end}": zipped({"neural_framework/a.py": eve.encode()}) for end in of_eve}
    roster = folder / "roster.csv"
    roster.write_text(rows, encoding="utf-8")
    return {one.id: one for one in loaded(write(folder / "class", files), roster)}


@pytest.mark.parametrize("end", ["bob1.zip", "Bob Smith.zip", "smithbob.zip", "ada1 Bob Smith.zip", "x_102_9_w.zip"])
@pytest.mark.parametrize("layout", GIVEN)
def test_a_file_called_like_a_neighbour_takes_no_row(layout, end, tmp_path):
    rows = "id,name,pattern\nada1,Ada Lovelace,\nbob1,Bob Smith,{}\neve1,Eve Mill,\n"
    for number, pattern in enumerate(["", "*smith*"]):
        (tmp_path / str(number)).mkdir()
        found = class_of_three(tmp_path / str(number), layout, [end], rows.format(pattern))
        taken = [one.files["neural_framework/a.py"].decode() for one in found.values()]
        assert list(found) == ["ada1", "bob1", "eve1"] and taken == GIVEN[layout]


def test_a_file_called_like_a_student_is_a_question_to_the_instructor(tmp_path):
    found = class_of_three(tmp_path, "canvas", ["s0815.zip"], "id,name\ns0815,Evelyn\ns0816,Robert\n")
    assert found["s0815"].problem.startswith("it is unclear whose is milleve_103_9003_s0815; name the submission in")
    assert found["s0816"].problem == "nothing handed in" and found["103"].notes


@pytest.mark.parametrize("end", ["x{}_102_assignsubmission_file_.zip", f"{{}}_attempt_{DATE}_w.zip", "7_12_{}.zip"])
@pytest.mark.parametrize("layout", GIVEN)
def test_many_files_of_one_student_make_no_other_layout(layout, end, tmp_path):
    files = [end.format(number) for number in range(9)]
    found = class_of_three(tmp_path, layout, files, "id,name\n1,Ada Lovelace\n2,Bob Smith\n3,Eve Mill\n")
    assert list(found) == ["1", "2", "3"]
    assert [one.files["neural_framework/a.py"].decode() for one in found.values()] == GIVEN[layout]


def test_numbers_as_users_of_blackboard_are_none_of_canvas(tmp_path):
    names = [f"HW_01_{user}_attempt_{DATE}_w.zip" for user in ("1234", "1235")]
    assert [one.id for one in loaded(write(tmp_path, dict.fromkeys(names, zipped())))] == ["1234", "1235"]


@pytest.mark.parametrize("metadata", [b"", b"- 1\n", b"{", b"a: *b\n", b"\xff", b"submission_1001: 3\n", b"[" * 5_000])
def test_metadata_that_are_none_cost_the_names_alone(metadata, tmp_path):
    files = {**EXPORTS["gradescope"][1], "submission_metadata.yml": metadata}
    found = loaded(write(tmp_path / "export", files))
    assert [one.id for one in found] == ["submission_1001", "submission_1002"]
    assert all(one.files == WORK and "submission_metadata.yml" in one.notes[0] for one in found)


def test_the_results_are_no_submission(tmp_path):
    source = write(tmp_path / "class", {**within("ada"), **within("results")})
    assert [one.id for one in entries(source, without=[source / "results"])] == ["ada"]
    with pytest.raises(CourseError, match="name another one"):
        entries(source, without=[source])


@pytest.mark.skipif(os.name != "posix", reason="needs links, pipes and modes of files")
def test_no_link_is_followed_and_no_pipe_read(tmp_path):
    secret = write(tmp_path / "secret", within("neural_framework", {"key.py": b"secret", "tensor.py": b"secret"}))
    package = write(tmp_path / "class" / "ada", WORK) / "neural_framework"
    (package / "passwd.py").symlink_to("/etc/passwd")
    (package / "neighbour").symlink_to(secret / "neural_framework")
    os.mkfifo(package / "pipe.py")
    os.link(secret / "neural_framework/key.py", package / "hard.py")
    (tmp_path / "class" / "bob").symlink_to(secret)
    os.mkfifo(tmp_path / "class" / "cy.zip")
    write(tmp_path / "class" / "di", {"x.txt": b""})
    (tmp_path / "class" / "di" / "neural_framework").symlink_to(secret / "neural_framework")
    (tmp_path / "class" / "di" / "work.zip").symlink_to("/etc/passwd")
    ada, bob, cy, di = loaded(tmp_path / "class")
    assert ada.files == WORK and len(ada.notes) == 4
    assert "left out: neural_framework/passwd.py (a link)" in ada.notes
    assert "left out: neural_framework/hard.py (a hard link (a file with two names))" in ada.notes
    assert "bob is a link" in bob.problem and "cy.zip is a pipe" in cy.problem
    assert "neural_framework is a link" in di.problem and not (bob.files or cy.files or di.files)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything")
def test_what_can_not_be_read_is_said(tmp_path):
    folder = write(tmp_path / "class", {**within("ada"), **within("bob")})
    (folder / "ada").chmod(0)
    (folder / "bob/neural_framework/__init__.py").chmod(0)
    ada, bob = loaded(folder)
    (folder / "ada").chmod(stat.S_IRWXU)
    assert "Permission denied" in ada.problem
    assert list(bob.files) == ["neural_framework/tensor/tensor.py"] and "Permission denied" in bob.notes[0]


def entry(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_entry(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info, b"/etc/passwd"


def test_a_tar_has_no_links_devices_or_paths_outside(handed):
    extra = (
        entry("neural_framework/link.py", tarfile.SYMTYPE, "/etc/passwd"),
        entry("neural_framework/hard.py", tarfile.LNKTYPE, "/etc/passwd"),
        entry("neural_framework/pipe.py", tarfile.FIFOTYPE),
        entry("neural_framework/null.py", tarfile.CHRTYPE),
        entry("../bob/neural_framework/x.py", tarfile.REGTYPE),
        entry("/neural_framework/x.py", tarfile.REGTYPE),
    )
    ada = handed(tarred(extra=extra), "ada.tar.gz")
    assert ada.files == WORK and len(ada.notes) == 6 and ada.problem is None


def test_a_zip_has_no_links_devices_or_paths_outside(handed):
    buffer = io.BytesIO(zipped())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(*zip_entry("neural_framework/link.py", stat.S_IFLNK | 0o777))
        archive.writestr(*zip_entry("neural_framework/pipe.py", stat.S_IFIFO | 0o777))
        for name in ("../bob/x.py", "/neural_framework/x.py", "C:\\neural_framework\\x.py", "neural_framework/../y.py"):
            archive.writestr(name, b"x")
    ada = handed(buffer.getvalue())
    assert ada.files == WORK and len(ada.notes) == 6 and ada.problem is None


def test_a_link_in_place_of_a_folder_leads_nowhere(handed):
    extra = (entry("neural_framework", tarfile.SYMTYPE, "/etc"), entry("neural_framework/passwd.py", tarfile.REGTYPE))
    ada = handed(tarred({}, extra=extra), "ada.tar")
    assert ada.files == {"neural_framework/passwd.py": b""}  # the file of the archive itself


MANY = {f"neural_framework/f{number}.py": b"" for number in range(MOST_FILES + 1)}
LARGE = {**WORK, "neural_framework/large.py": b"#" * (LARGEST_FILE + 1)}
HEAVY = {f"neural_framework/f{number}.py": random.Random(number).randbytes(999_000) for number in range(11)}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_what_is_too_much_costs_nothing_but_itself(handed, pack):
    name = "ada.zip" if pack is zipped else "ada.tar.gz"
    assert f"{MOST_FILES + 1} Python files; at most {MOST_FILES}" in handed(pack(MANY), name).problem
    assert "more than 10,000,000 bytes of Python" in handed(pack(HEAVY), name).problem
    large = handed(pack(LARGE), name)
    assert large.files == WORK and large.notes == ("left out: neural_framework/large.py (more than 1,000,000 bytes)",)
    besides = {f"data/{number}.bin": b"0" * 100 for number in range(2_000)}
    assert handed(pack({**WORK, **besides, "data.bin": b"0" * 2_000_000}), name).files == WORK


def test_a_bomb_is_not_unpacked(handed):
    bomb = zipped({**WORK, "neural_framework/bomb.py": bytes(30_000_000)})
    start = time.process_time()
    ada = handed(bomb)
    assert ada.files == WORK and "bomb.py" in ada.notes[0] and time.process_time() - start < 2
    deflate = zlib.compressobj(9, wbits=31)
    packed = b"".join(deflate.compress(bytes(1 << 20)) for _ in range(20)) + deflate.flush()
    assert "more than 200 times its size" in handed(packed, "ada.tar.gz").problem


def test_sizes_that_a_zip_claims_are_not_believed(handed):
    """The list of entries says 10 bytes, the file has a million."""
    content = bytearray(zipped({**WORK, "neural_framework/x.py": b"#" * 1_000_000}))
    at = content.rindex(b"PK\1\2")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    ada = handed(bytes(content))
    assert ada.problem == "ada.zip: it is broken: neural_framework/x.py can't be read" or len(ada.files) == 3
    assert sum(map(len, ada.files.values())) < 1_000


def test_entries_that_overlap_are_bounded_like_others(handed):
    """Many names for the same bytes, as in bombs without an archive within."""
    content = bytearray(zipped(dict(list(MANY.items())[:300]) | {"neural_framework/z.py": bytes(900_000)}))
    start = struct.unpack("<I", content[-6:-2])[0]
    target = content[content.rindex(b"PK\1\2") :][20:28] + content[content.rindex(b"PK\1\2") :][42:46]
    at = start
    while content[at : at + 4] == b"PK\1\2":
        content[at + 20 : at + 28], content[at + 42 : at + 46] = target[:8], target[8:]
        at += 46 + struct.unpack("<H", content[at + 28 : at + 30])[0]
    assert handed(bytes(content)).problem


def encrypted():
    content = bytearray(zipped())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        position = content.find(mark)
        while position >= 0:
            content[position + at] |= 1
            position = content.find(mark, position + 1)
    return bytes(content)


UNUSABLE = [
    (b"", "ada.zip", "it is an empty file"),
    (zipped({}), "ada.zip", "it is empty"),
    (tarred({}), "ada.tar.gz", "it is empty"),
    (zipped({"a.py": b"", "b.py": b""}), "ada.zip", "neural_framework/ with Python files; found a.py, b.py"),
    (zipped({"neural_framework/": b""}), "ada.zip", "no Python file in neural_framework/"),
    (zipped({"neural_framework/a.txt": b""}), "ada.zip", "no Python file in neural_framework/"),
    (zipped({"work.zip": zipped()}), "ada.zip", "it holds another archive, work.zip"),
    (encrypted(), "ada.zip", "it is encrypted; hand it in without a password"),
    (zipped(method=zipfile.ZIP_LZMA), "ada.zip", "packed by a method that is not zip's usual one"),
    (zipped()[:60], "ada.zip", "it is broken"),
    (zipped()[100:], "ada.zip", "not a zip, tar or tar.gz archive"),
    (tarred()[:60], "ada.tar.gz", "it is broken: its compressed data end in the middle"),
    (tarred(mode="w:")[:700], "ada.tar", "it is broken: it ends in the middle"),
    (tarred(mode="w:")[:514], "ada.tar", "it is broken: it ends in the middle"),
    (b"\x1f\x8b" + b"x" * 600, "ada.tar.gz", "its compressed data can't be read"),
    (b"Rar!\x1a\7" + b"x" * 600, "ada.zip", "it is a RAR file; hand in a folder, or a zip"),
    (b"7z\xbc\xaf" + b"x" * 600, "ada.7z", "it is a 7z file; hand in a folder, or a zip"),
    (b"x" * 600, "ada.tar", "it is not a tar archive"),
    (b"import numpy", "ada.py", "found ada.py"),
]


@pytest.mark.parametrize("number", range(len(UNUSABLE)))
def test_what_can_not_be_graded_says_why(handed, number):
    content, name, reason = UNUSABLE[number]
    ada = handed(content, name)
    assert reason in ada.problem and ada.files == {}


def test_folders_without_work_say_why(tmp_path):
    source = write(tmp_path / "class", {**within("ada"), "bob/.git/HEAD": b"ref", "cy/notes.txt": b""})
    (source / "di").mkdir()
    ada, bob, cy, di = loaded(source)
    assert ada.files == WORK and "found notes.txt" in cy.problem
    assert "it is empty" in bob.problem and "it is empty" in di.problem


@pytest.mark.parametrize("size", [1, 512, 1000, 6000])
@pytest.mark.parametrize("after", [b"", b"\0" * 512, b"what gzip ignores"])
def test_several_gzip_files_in_a_row_are_one(handed, size, after):
    """As bgzip makes them, and cat of the parts of one."""
    whole = tarred(mode="w")[:6000]
    parts = [gzip.compress(whole[start : start + size]) for start in range(0, len(whole), size)]
    ada = handed(b"".join(parts) + after, "ada.tar.gz")
    if len(parts) <= MOST_PARTS:
        assert ada.files == WORK and not ada.problem
    else:
        assert "more than 1,000 gzip files" in ada.problem


def test_empty_gzip_files_take_no_time(handed):
    started = time.monotonic()
    assert "more than 1,000 gzip files" in handed(gzip.compress(b"") * 500_000, "ada.tar.gz").problem
    assert time.monotonic() - started < 5


def test_long_names_in_a_tar_are_read(handed):
    name = f"{'long' * 30}/{'folder' * 20}"
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as archive:
            for file, content in within(name).items():
                info = tarfile.TarInfo(file)
                info.size, info.pax_headers = len(content), {"SCHILY.xattr.user": "ü" * 500}
                archive.addfile(info, io.BytesIO(content))
        assert handed(buffer.getvalue(), "ada.tgz").files == WORK


def test_headers_of_a_tar_take_no_memory_and_no_time(handed):
    """Patterns of tarfile take quadratic time on long runs of digits (CVE-2024-6232), and it reads any header whole."""
    for size, reason in ((60_000, "it is broken"), (2_000_000, "a name in it is too long")):
        info = tarfile.TarInfo("x")
        info.type, info.size = tarfile.XHDTYPE, size
        content = (info.tobuf(tarfile.USTAR_FORMAT) + (b"1" * size).ljust(-(-size // 512) * 512, b"1")) * 3
        start = time.process_time()
        assert reason in handed(content, "ada.tar").problem and time.process_time() - start < 2


def test_paths_take_little_memory(handed):
    """A path names folders that are not entries: 40 for each file."""
    deep = {f"{number}/{'d/' * 35}a.py": b"" for number in range(3_000)}
    assert handed(zipped(deep)).problem == "ada.zip: it has more than 100,000 entries"


def test_names_in_odd_encodings_and_with_backslashes_are_read(handed):
    ada = handed(zipped({f"Übung\\starter\\{name}".replace("/", "\\"): data for name, data in WORK.items()}))
    assert ada.files == WORK
    content = zipped(within("Ubung")).replace(b"Ubung", b"\x9abung")  # code page 437, as Windows wrote it
    assert handed(content).files == WORK


def test_two_names_for_one_file_are_told(handed):
    with pytest.warns(UserWarning, match="Duplicate"):
        buffer = io.BytesIO(zipped())
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr("neural_framework/__init__.py", b"later")
    ada = handed(buffer.getvalue())
    assert ada.files["neural_framework/__init__.py"] == b"later" and "twice" in ada.notes[0]
    ada = handed(zipped({**WORK, "neural_framework/tensor/Tensor.py": b"other"}))
    assert ada.files == WORK and "the same file as neural_framework/tensor/tensor.py" in ada.notes[0]


def test_names_that_no_system_should_write_are_left_out(handed):
    names = ["con.py", "a:b.py", "a\nb.py", "\x1b[2J.py", "a\u202e.py", "x" * 101 + ".py", "nul/x.py", "dot./x.py"]
    names += ["张" * 97 + ".py", "/".join(["张" * 60] * 8) + ".py"]
    ada = handed(tarred({**WORK, **{f"neural_framework/{name}": b"" for name in names}}), "ada.tar.gz")
    assert ada.files == WORK
    for note in ada.notes:
        assert note.isprintable() and len(note) < LONGEST_TEXT + 100


def test_notes_are_few_and_texts_short(handed):
    links = tuple(entry(f"neural_framework/{'l' * 90}{number}.py", tarfile.SYMTYPE) for number in range(300))
    ada = handed(tarred(extra=links), "ada.tar.gz")
    assert len(ada.notes) == MOST_NOTES + 1 and ada.notes[-1] == f"and {300 - MOST_NOTES} more notes of this kind"


def test_of_several_archives_the_last_by_name_counts(tmp_path):
    old = zipped({"neural_framework/old.py": b""})
    files = {"ada/work-9.zip": old, "ada/work-10.zip": zipped(), "ada/broken.zip": b"PK"}
    files |= {"bob/work.zip": old, "bob/work-1.zip": zipped()}
    ada, bob = loaded(write(tmp_path / "class", files))
    assert ada.files == bob.files == WORK
    assert "2 archives hold a package" in ada.notes[0] and "broken.zip" in ada.notes[1]


def test_a_digest_changes_with_every_thing_that_a_report_could_show(tmp_path):
    write(tmp_path / "class", within("ada"))
    first = alone(tmp_path / "class")
    assert first.digest == alone(tmp_path / "class").digest
    write(tmp_path / "class", {"ada/neural_framework/new.py": b""})
    second = alone(tmp_path / "class")
    write(tmp_path / "class", within("ada/starter"))
    third = alone(tmp_path / "class")
    assert len({first.digest, second.digest, third.digest}) == 3


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w:")], ids=["zip", "tar.gz", "tar"])
def test_damaged_archives_cost_only_themselves(pack, tmp_path):
    """Some hundred archives with bytes changed, cut out and doubled: each is a submission or a problem, at once."""
    good = pack({**within("work/starter"), "work/data.bin": random.Random(0).randbytes(5_000)})
    path = write(tmp_path / "class", {"ada.zip": good, **within("bob")}) / "ada.zip"
    ada, bob = entries(tmp_path / "class")
    chance, problems = random.Random(1), 0
    for _ in range(200):
        damaged = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(damaged))
            if chance.random() < 0.5:  # the list of entries is at the end, the first header at the beginning
                at = min(at, chance.randrange(600)) if chance.random() < 0.5 else max(at, len(damaged) - 400)
            what = chance.randrange(4)
            if what == 0:
                damaged[at] = chance.randrange(256)
            elif what == 1:
                damaged[at : at + chance.randint(1, 4)] = b"\xff" * chance.randint(1, 4)
            elif what == 2:
                del damaged[at : at + chance.randint(1, 50)]
            else:
                damaged[at:at] = damaged[chance.randrange(len(damaged)) :][: chance.randint(1, 100)]
        path.write_bytes(damaged)
        start = time.process_time()
        submission = ada.load()
        assert time.process_time() - start < 2
        assert submission.problem or set(submission.files) <= set(WORK)
        assert "Error" not in (submission.problem or ""), submission.problem
        problems += submission.problem is not None
    assert problems > 50 and bob.load().files == WORK
