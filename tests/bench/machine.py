# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel says about processes and about the machine, from /proc (proc(5))."""

import os
import platform
import re
import resource
import time

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _threads(pid):
    return [f"/proc/{pid}/task/{thread}" for thread in os.listdir(f"/proc/{pid}/task")]


def cpu_seconds(pid):
    """User and system time of all threads so far; in nanoseconds' steps where the kernel counts so."""
    try:
        return sum(int(_read(f"{thread}/schedstat").split()[0]) for thread in _threads(pid)) * 1e-9
    except FileNotFoundError:
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def context_switches(pid):
    """How often the threads have gone to sleep or were interrupted: an idle process does neither."""
    return sum(
        int(count)
        for thread in _threads(pid)
        for count in re.findall(r"ctxt_switches:\s+(\d+)", _read(f"{thread}/status"))
    )


def _memory(pid, field):
    return int(re.search(rf"^{field}:\s+(\d+) kB", _read(f"/proc/{pid}/status"), re.MULTILINE)[1]) * 1024


def resident_bytes(pid):
    return _memory(pid, "VmRSS")


def peak_resident_bytes(pid):
    """Since the start, or since reset_peak()."""
    return _memory(pid, "VmHWM")


def reset_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def raise_descriptor_limit(wanted):
    """Raises both limits as far as this process may, for itself and what it starts; returns what they are then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
        except (ValueError, OSError):
            pass  # that needs a privilege
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class OtherLoad:
    """How many processors the rest of the machine used: all but these servers, this process and its children."""

    def __init__(self, servers):
        self._servers = servers
        self._before = self._now()

    def _now(self):
        user, nice, system, _idle, _wait, irq, softirq, steal = map(int, _read("/proc/stat").split()[1:9])
        own = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            own += usage.ru_utime + usage.ru_stime
        own += sum(cpu_seconds(server.pid) for server in self._servers)
        # What the hypervisor takes is gone just as well.
        return time.monotonic(), (user + nice + system + irq + softirq + steal) / TICKS_A_SECOND - own

    def processors(self):
        (begin, before), (end, after) = self._before, self._now()
        return max(0.0, (after - before) / max(end - begin, 1e-9))


def instruction_set():
    """The best that the decoder of JSON may use here; see bestInstructionSet() of common/wire/jsonstring.h."""
    flags = re.search(r"^flags\s*: (.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    flags = flags[1].split() if flags else []
    return "AVX-512 VBMI2" if "avx512_vbmi2" in flags else "AVX2" if "avx2" in flags else "baseline"


def description():
    model = re.search(r"^model name\s*: (.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return {
        "processor": model[1].strip() if model else platform.machine(),
        "instructions": instruction_set(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "load_average": os.getloadavg(),
    }
