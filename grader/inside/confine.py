"""What the system itself keeps a worker from: limits, system calls (seccomp), files (Landlock); each where it is there.

All of it is for Linux but the limits. What the system lacks is named, never passed over in silence.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LINUX = sys.platform == "linux"
# From <linux/prctl.h>.
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 4, 22, 36, 38
SECCOMP_MODE_FILTER = 2

# What no check needs: memory that no limit counts, other processes, mounts and namespaces, sockets, devices, the disks
# of all, and what changes a file that it need not open, for which Landlock has no right, or none before version 3
# (truncate). The numbers are those of <asm/unistd_64.h> on x86_64, and of <asm-generic/unistd.h> on aarch64, which
# lacks some: there, the number is that of what does the same.
DENIED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "socket": (41, 198),  # also AF_UNIX, which reaches services of this user; socketpair() is another call
    "mknod": (133, 33),
    "mknodat": (259, 33),
    "sync": (162, 81),
    "syncfs": (306, 267),
    "truncate": (76, 45),
    "chmod": (90, 53),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, 54),
    "fchown": (93, 55),
    "lchown": (94, 54),
    "fchownat": (260, 54),
    "utime": (132, 88),
    "utimes": (235, 88),
    "futimesat": (261, 88),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
CLONE, PRLIMIT, IOCTL, FCNTL = (56, 220), (302, 261), (16, 29), (72, 25)
LIBC_DOES_WITHOUT = {"clone3": (435, 435), "openat2": (437, 437)}  # their flags are in memory, which no filter sees
CLONE_NEW = 0x7E020080  # all flags of clone() for a new namespace
OPENS = ({2: 1, 257: 2}, {56: 2})  # open() and openat(), each with the argument that has the flags
O_ACCMODE, O_TRUNC = 0o3, 0o1000
FILE_FLAGS = (0x40086602, 0x40046602, 0x401C5820)  # of ioctl(): FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS, FS_IOC_FSSETXATTR
F_SETLEASE = 1024  # of fcntl(): all others that open the file wait for up to a minute
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # the column above, and the AUDIT_ARCH
X32 = 0x40000000  # system calls of another ABI, on x86_64
# From <linux/filter.h> and <linux/seccomp.h>.
LOAD, EQUALS, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38

# Landlock's rights, from <linux/landlock.h>: what a folder that is only read grants, and all that each version knows.
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, list folders
READ_FILE_AND_WRITE = 1 << 1 | 1 << 2
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # the rights that a file, not a folder, can grant
SCOPED = 0b11  # from version 6 on: no abstract socket and no signal leaves the domain
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def lacks() -> list[str]:
    """What of all this the system does not have."""
    known = {
        "Landlock": landlock_version() > 0,
        "a filter of system calls": LINUX and platform.machine() in MACHINES,
        "adopted orphans": LINUX,
    }
    return [name for name, there in known.items() if not there]


def limit(limits: Mapping[str, int]) -> None:
    """Set limits of this process, by their names in `resource`; what the system refuses is left as it is."""
    import resource

    for name, most in {**limits, "RLIMIT_CORE": 0}.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


def become(uid: int) -> None:
    """Be this user from here on, without groups and without a way back."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def undumpable() -> bool:
    """Whether no other process of this user can read or trace this one from here on, nor its children."""
    return _prctl(PR_SET_DUMPABLE, 0)


def adopt_orphans() -> bool:
    """Whether processes whose parents have ended become this one's children, wherever they hide."""
    return _prctl(PR_SET_CHILD_SUBREAPER, 1)


def refuse_system_calls() -> bool:
    """Whether the system calls that no check needs fail from here on."""
    program = system_call_filter(platform.machine())
    if not LINUX or program is None or not _prctl(PR_SET_NO_NEW_PRIVS, 1):
        return False
    code = ctypes.create_string_buffer(b"".join(program), 8 * len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    return _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header))


def system_call_filter(machine: str) -> list[bytes] | None:
    """The program of the filter (classic BPF), or None for a machine whose numbers are not known."""
    if machine not in MACHINES:
        return None
    column, architecture = MACHINES[machine]
    program = [
        _step(LOAD, 4),  # seccomp_data: int nr, __u32 arch, __u64 instruction_pointer, __u64 args[6]
        _step(EQUALS, architecture, 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, 0),
        _step(AT_LEAST, X32, 0, 1),
        _step(RETURN, REFUSE | EPERM),
    ]
    for numbers in DENIED.values():
        program += [_step(EQUALS, numbers[column], 0, 1), _step(RETURN, REFUSE | EPERM)]
    for numbers in LIBC_DOES_WITHOUT.values():
        program += [_step(EQUALS, numbers[column], 0, 1), _step(RETURN, REFUSE | ENOSYS)]
    refuse, allow = _step(RETURN, REFUSE | EPERM), _step(RETURN, ALLOW)
    program += _of(CLONE[column], _argument(0), _step(ANY_BIT, CLONE_NEW, 0, 1), refuse, allow)
    program += _of(PRLIMIT[column], _argument(0), _step(EQUALS, 0, 1, 0), refuse, allow)  # 0: of this process
    for number, flags in OPENS[column].items():  # to empty a file takes the right to write it
        emptied = [_step(ANY_BIT, O_TRUNC, 0, 2), _step(ANY_BIT, O_ACCMODE, 1, 0)]
        program += _of(number, _argument(flags), *emptied, refuse, allow)
    for number, refused in ((IOCTL[column], FILE_FLAGS), (FCNTL[column], [F_SETLEASE])):
        commands = [step for each in refused for step in (_step(EQUALS, each, 0, 1), refuse)]
        program += _of(number, _argument(1), *commands, allow)
    return [*program, allow]


def restrict_files(read: Sequence[str], write: Sequence[str]) -> bool:
    """Whether this process sees no files from here on but those below `read`, and those below `write`, which it may
    change; it can't send signals to processes outside either, where the system is new enough."""
    version = landlock_version()
    if version < 1 or not _prctl(PR_SET_NO_NEW_PRIVS, 1):
        return False
    rights = RIGHTS[max(known for known in RIGHTS if known <= version)]
    attributes = struct.pack("QQQ", rights, 0, SCOPED if version >= 6 else 0)
    size = 24 if version >= 6 else 8
    rules = _system_call(444, ctypes.create_string_buffer(attributes), size, 0)
    if rules < 0:
        return False
    try:
        granted = [(path, READ) for path in [*read, f"/proc/{os.getpid()}"]]
        granted += [(path, READ_FILE_AND_WRITE | 1 << 15 & rights) for path in DEVICES]
        for path, right in [*granted, *((path, rights) for path in write)]:
            _grant(rules, path, right & rights)
        return _system_call(446, rules, 0) == 0
    finally:
        os.close(rules)


def landlock_version() -> int:
    """The version of Landlock that the system has; less than 1 where it has none."""
    return _system_call(444, None, 0, 1) if LINUX else -1


def _grant(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # it is not there, so nothing of it can be read
        return
    try:
        rights &= rights if Path(path).is_dir() else OF_FILES
        _system_call(445, rules, 1, ctypes.create_string_buffer(struct.pack("=Qi", rights, place)), 0)
    finally:
        os.close(place)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _argument(position: int) -> bytes:
    return _step(LOAD, 16 + 8 * position)  # the lower half: both machines are little-endian


def _of(number: int, *steps: bytes) -> list[bytes]:
    """These steps for a system call alone. They end in a return."""
    return [_step(EQUALS, number, 0, len(steps)), *steps]


def _prctl(option: int, *arguments: int) -> bool:
    if not LINUX:
        return False
    words = [ctypes.c_ulong(each) for each in [*arguments, 0, 0, 0, 0][:4]]
    return ctypes.CDLL(None, use_errno=True).prctl(option, *words) == 0


def _system_call(number: int, *arguments: object) -> int:
    """These have the same numbers on every machine."""
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *words)
