// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/descriptor.h"
#include "common/util/result.h"

#include <QByteArray>

namespace ExporterProxy {

/// A file whose lock (flock(2)) says which process may use what the file stands for. Owns the lock and the
/// file: its destructor removes the file and then releases the lock. Any thread, one at a time.
class LockFile
{
public:
    /// Creates and locks the file `name` in the folder of the descriptor `folder`, which must stay open as
    /// long as the lock file lives; AT_FDCWD stands for an absolute `name`. Does not block and follows no
    /// symbolic link. Fails with the sentence `ifHeld` if another process holds the lock.
    static Result<LockFile> acquire(int folder, const QByteArray &name, const QString &ifHeld);

    LockFile(LockFile &&) noexcept = default;
    LockFile &operator=(LockFile &&) = delete;
    ~LockFile();

private:
    LockFile(int folder, const QByteArray &name, Descriptor file);

    int m_folder;
    QByteArray m_name;
    Descriptor m_file; ///< holds the lock while it is open
};

} // namespace ExporterProxy
