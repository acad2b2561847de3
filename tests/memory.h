// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/processfigures.h"

#include <malloc.h>
#include <QFile>

namespace ExporterProxy {

// A sanitizer's own memory drowns that of the program: a thread sanitizer has four bytes for each one looked
// at.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool MemoryCanBeMeasured = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool MemoryCanBeMeasured = false;
#else
constexpr bool MemoryCanBeMeasured = true;
#endif
#else
constexpr bool MemoryCanBeMeasured = true;
#endif

/// How much more memory of this process is in RAM than when it was made, in bytes. Of one at a time: they
/// share the kernel's peak. 0 where it cannot be measured.
class MemoryMark
{
public:
    MemoryMark()
        : m_before(start())
    {
    }

    bool isMeasured() const { return m_before >= 0; }
    /// Now.
    qint64 grown() const { return isMeasured() ? readProcessFigures().residentBytes - m_before : 0; }
    /// At the worst moment since.
    qint64 grownAtMost() const { return isMeasured() ? peak() - m_before : 0; }

private:
    static qint64 start()
    {
        malloc_trim(0);
        QFile file(QStringLiteral("/proc/self/clear_refs"));
        const bool isReset = file.open(QIODevice::WriteOnly | QIODevice::Unbuffered) && file.write("5") == 1;
        return isReset && MemoryCanBeMeasured ? readProcessFigures().residentBytes : -1;
    }

    static qint64 peak()
    {
        QFile file(QStringLiteral("/proc/self/status"));
        file.open(QIODevice::ReadOnly);
        for (const QByteArray &line : file.readAll().split('\n')) {
            if (line.startsWith("VmHWM:"))
                return line.simplified().split(' ').at(1).toLongLong() * 1024;
        }
        qFatal("no VmHWM in /proc/self/status");
    }

    const qint64 m_before;
};

} // namespace ExporterProxy
