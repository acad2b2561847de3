// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/processfigures.h"

#include "common/util/descriptor.h"

#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ExporterProxy {

namespace {

/// The content of a small file of /proc. Empty if it cannot be read; a container may hide it.
std::string readFile(const char *path)
{
    std::string content;
    const Descriptor file(::open(path, O_RDONLY | O_CLOEXEC));
    char buffer[4096];
    ssize_t count = 0;
    while ((count = ::read(file.get(), buffer, sizeof buffer)) > 0)
        content.append(buffer, std::size_t(count));
    return content;
}

/// The number in field `index` (from 0) of a text whose fields are separated by single spaces; -1 if there is
/// none.
qint64 numberAt(std::string_view text, int index)
{
    for (; index > 0; --index) {
        const std::size_t space = text.find(' ');
        if (space == std::string_view::npos)
            return -1;
        text.remove_prefix(space + 1);
    }
    qint64 number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

double readStartTime()
{
    const std::string own = readFile("/proc/self/stat");
    // The second field is the program's name in brackets, which may itself contain blanks and brackets.
    const std::size_t nameEnd = own.rfind(") ");
    if (nameEnd == std::string::npos)
        return -1;
    const qint64 ticks = numberAt(std::string_view(own).substr(nameEnd + 2), 19); // field 22, starttime
    const std::string machine = readFile("/proc/stat");
    constexpr std::string_view bootKey = "\nbtime ";
    const std::size_t boot = machine.find(bootKey);
    const long ticksPerSecond = ::sysconf(_SC_CLK_TCK);
    if (ticks < 0 || boot == std::string::npos || ticksPerSecond <= 0)
        return -1;
    const qint64 bootSeconds = numberAt(std::string_view(machine).substr(boot + bootKey.size()), 0);
    return double(bootSeconds) + double(ticks) / double(ticksPerSecond);
}

qint64 countOpenFds()
{
    // Since Linux 6.2 the folder's size is their number, which saves reading thousands of entries.
    struct stat status
    {
    };
    if (::stat("/proc/self/fd", &status) == 0 && status.st_size > 0)
        return qint64(status.st_size);
    DIR *folder = ::opendir("/proc/self/fd");
    if (!folder)
        return -1;
    qint64 count = -1; // the folder's own descriptor does not count
    while (const dirent *entry = ::readdir(folder)) {
        if (entry->d_name[0] != '.')
            ++count;
    }
    ::closedir(folder);
    return count;
}

} // namespace

ProcessFigures readProcessFigures()
{
    ProcessFigures figures;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        const auto microseconds = qint64(usage.ru_utime.tv_usec) + qint64(usage.ru_stime.tv_usec);
        figures.cpuSeconds =
            double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + double(microseconds) / 1e6;
    }
    static const qint64 pageSize = ::sysconf(_SC_PAGESIZE);
    const std::string memory = readFile("/proc/self/statm");
    if (const qint64 pages = numberAt(memory, 0); pages >= 0)
        figures.virtualBytes = pages * pageSize;
    if (const qint64 pages = numberAt(memory, 1); pages >= 0)
        figures.residentBytes = pages * pageSize;
    figures.openFds = countOpenFds();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        figures.maxFds = qint64(limit.rlim_cur);
    static const double startTime = readStartTime();
    figures.startTimeSeconds = startTime;
    return figures;
}

} // namespace ExporterProxy
